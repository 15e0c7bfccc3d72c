//! This host's own keys: identity, sealing keys, Olm account; and the settings and counters stored beside them.

use serde::{Deserialize, Serialize};
use vodozemac::Curve25519PublicKey;
use vodozemac::olm::{Account as OlmAccount, AccountPickle};

use crate::api::Setting;
use crate::certificate::Certificate;
use crate::config::Config;
use crate::crypto::{Rng, SealingSecret};
use crate::engine::RestoreError;
use crate::gate::Gate;
use crate::generation::Start;
use crate::identity::Identity;
use crate::ids::{Generation, HostId, OlmKey, SealingKey};
use crate::record;
use crate::rows::Table;
use crate::settings::{ChangedSettings, Settings, settings};
use crate::time::{Millis, Wall};
use crate::tokens::{Brought, CodeToken, Tokens};

/// The sealing key is renewed after this (PROTOCOL.md, Identity).
const SEALING_RENEWED: Millis = Millis::from_days(30);
/// A replaced sealing key still opens what was sealed to it for this long.
const SEALING_KEPT: Millis = Millis::from_days(60);
/// Moments further ahead than this were noted by a clock that was wrong; less is the unrest of clocks.
const CLOCK_AHEAD: Millis = Millis::from_days(1);
/// What the records of this version say of themselves; a greater number was written by a newer version.
const FORMAT: u32 = 1;

/// Row in `Table::Local`: a host that has anything has this.
pub(crate) const IDENTITY_ROW: u64 = 0;
const SETTINGS_ROW: u64 = 1;
const START_ROW: u64 = 2;
const OLM_ROW: u64 = 3;
const SEALING_ROW: u64 = 4;
const TOKENS_ROW: u64 = 5;

#[derive(Serialize, Deserialize)]
struct IdentityRecord(u32, #[serde(with = "serde_bytes")] [u8; 32]);

#[derive(Serialize, Deserialize)]
struct StartRecord {
    generation: Generation,
    asks: u32,
}

#[derive(Serialize, Deserialize, Clone)]
struct SealingRecord {
    number: u64,
    #[serde(with = "serde_bytes")]
    secret: [u8; 32],
    made: Wall,
    replaced: Option<Wall>,
}

struct Sealing {
    number: u64,
    secret: SealingSecret,
    made: Wall,
    replaced: Option<Wall>,
}

/// This host's keys, settings and counters.
pub(crate) struct Account {
    pub(crate) identity: Identity,
    pub(crate) settings: Settings,
    changed_settings: ChangedSettings,
    pub(crate) certificate: Certificate,
    olm: OlmAccount,
    sealing: Vec<Sealing>,
    /// Those in one's own codes; changed ones are to be written.
    tokens: Tokens,
    generation: Generation,
    asks: u32,
    restored: bool,
}

impl Account {
    /// Restores the account from the `Local` records, or makes a new one if there are none. Each start has a new
    /// generation; `outside` is what is known of the last one outside the database.
    pub(crate) fn restore(
        records: &[(u64, &[u8])],
        outside: Option<Generation>,
        config: &Config,
        now: Wall,
        rng: &mut Rng,
        gate: &mut Gate,
    ) -> Result<Self, RestoreError> {
        let Some(identity) = read::<IdentityRecord>(records, IDENTITY_ROW)? else {
            return Ok(Self::create(settings(config), now, rng, gate));
        };
        if identity.0 > FORMAT {
            return Err(RestoreError::Newer);
        }
        let damaged = |row| RestoreError::Damaged { table: "local", row };
        let identity = Identity::from_secret(identity.1);
        let mut changed_settings: ChangedSettings = read(records, SETTINGS_ROW)?.unwrap_or_default();
        changed_settings.bound(config);
        let settings = changed_settings.of_role(config.custody.is_server).in_force(config);
        let start: StartRecord = read(records, START_ROW)?.ok_or(damaged(START_ROW))?;
        let pickle: AccountPickle = read(records, OLM_ROW)?.ok_or(damaged(OLM_ROW))?;
        let sealing: Vec<SealingRecord> = read(records, SEALING_ROW)?.ok_or(damaged(SEALING_ROW))?;
        let sealing: Vec<_> = sealing
            .into_iter()
            .map(|key| Sealing {
                number: key.number,
                secret: SealingSecret::from_bytes(key.secret),
                made: key.made,
                replaced: key.replaced,
            })
            .collect();
        // An older copy does not know who has used them since.
        let Start { generation, restored } = Start::of(start.generation, outside);
        let tokens: Vec<CodeToken> = read(records, TOKENS_ROW)?.filter(|_| !restored).unwrap_or_default();
        let olm = OlmAccount::from_pickle(pickle);
        let newest = sealing.last().ok_or(damaged(SEALING_ROW))?;
        let certificate = certify(&identity, newest, &olm);
        let asks = start.asks;
        let mut account = Self {
            identity,
            settings,
            changed_settings,
            certificate,
            olm,
            sealing,
            tokens: Tokens::restore(tokens),
            generation,
            asks,
            restored,
        };
        account.keep_generation(gate);
        account.renew_token(now, rng, gate);
        if restored {
            // The copy may know an older key than others do, and they take only a greater number for newer.
            account.replace_sealing(u64::from(generation.0) << 32, now, rng);
            account.write_sealing(gate);
        } else {
            account.renew_sealing(now, rng, gate);
        }
        Ok(account)
    }

    fn create(settings: Settings, now: Wall, rng: &mut Rng, gate: &mut Gate) -> Self {
        let identity = Identity::generate(rng);
        let olm = OlmAccount::new();
        let sealing = Sealing { number: 1, secret: SealingSecret::generate(rng), made: now, replaced: None };
        let certificate = certify(&identity, &sealing, &olm);
        gate.write(record::put(Table::Local, IDENTITY_ROW, &IdentityRecord(FORMAT, *identity.secret())));
        let (sealing, Start { generation, restored }) = (vec![sealing], Start::FIRST);
        let mut account = Self {
            identity,
            settings,
            changed_settings: ChangedSettings::default(),
            certificate,
            olm,
            sealing,
            tokens: Tokens::default(),
            generation,
            asks: 0,
            restored,
        };
        account.keep_generation(gate);
        account.write_olm(gate);
        account.write_sealing(gate);
        account.renew_token(now, rng, gate);
        account
    }

    /// The newest generation. That of a start is the upper half of the counter of its packets.
    pub(crate) fn generation(&self) -> Generation {
        self.generation
    }

    /// Whether this start found an older copy of the database.
    pub(crate) fn is_restored(&self) -> bool {
        self.restored
    }

    /// Goes on to the next generation: an hour has passed.
    pub(crate) fn next_generation(&mut self, gate: &mut Gate) {
        self.generation = self.generation.plus(1);
        self.keep_generation(gate);
    }

    /// Writes the generation into the database, then has it written outside; nothing leaves before both are done.
    fn keep_generation(&self, gate: &mut Gate) {
        self.write_start(gate);
        gate.keep(self.generation);
    }

    /// The id of the next ASK: greater than any this identity used before.
    pub(crate) fn next_ask(&mut self, gate: &mut Gate) -> u64 {
        self.asks = self.asks.saturating_add(1);
        self.write_start(gate);
        self.newest_ask()
    }

    /// No ASK made so far has a greater id.
    pub(crate) fn newest_ask(&self) -> u64 {
        (u64::from(self.generation.0) << 32) | u64::from(self.asks)
    }

    /// Changes a setting, now and for later starts.
    pub(crate) fn change_setting(&mut self, setting: Setting, is_server: bool, gate: &mut Gate) {
        self.changed_settings.note(setting, is_server);
        self.settings = self.changed_settings.of_role(is_server).over(self.settings.clone());
        gate.write(record::put(Table::Local, SETTINGS_ROW, &self.changed_settings));
    }

    pub(crate) fn changed_settings(&self) -> &ChangedSettings {
        &self.changed_settings
    }

    /// A fresh one-time key, made for one ASK.
    pub(crate) fn one_time_key(&mut self, gate: &mut Gate) -> Option<OlmKey> {
        let made = self.olm.generate_one_time_keys(1).created.first().copied();
        self.olm.mark_keys_as_published();
        self.write_olm(gate);
        made.map(|key| OlmKey(key.to_bytes()))
    }

    pub(crate) fn delete_one_time_key(&mut self, key: OlmKey, gate: &mut Gate) {
        self.olm.remove_one_time_key(Curve25519PublicKey::from_bytes(key.0));
        self.write_olm(gate);
    }

    pub(crate) fn olm(&self) -> &OlmAccount {
        &self.olm
    }

    /// The account, to be changed by opening a pre-key message; follow with `write_olm`.
    pub(crate) fn olm_mut(&mut self) -> &mut OlmAccount {
        &mut self.olm
    }

    /// The sealing secrets that may still open something, newest first, with their numbers and public keys.
    pub(crate) fn sealing_secrets(&self) -> impl Iterator<Item = (u64, &SealingSecret, SealingKey)> {
        self.sealing.iter().rev().map(|key| (key.number, &key.secret, key.secret.public()))
    }

    /// Renews the sealing key when it is due and deletes old secrets; returns when to look again.
    pub(crate) fn renew_sealing(&mut self, now: Wall, rng: &mut Rng, gate: &mut Gate) -> Wall {
        // A clock that was ahead and is set right must not keep a key, or a replaced secret, for years.
        let ahead = now + CLOCK_AHEAD;
        let due = self.sealing.last().is_none_or(|newest| newest.made > ahead || now - newest.made >= SEALING_RENEWED);
        for key in &mut self.sealing {
            key.replaced = key.replaced.map(|replaced| if replaced > ahead { now } else { replaced });
        }
        let kept = self.sealing.len();
        self.sealing.retain(|key| key.replaced.is_none_or(|replaced| now - replaced < SEALING_KEPT));
        if due {
            self.replace_sealing(1, now, rng);
        }
        if due || self.sealing.len() != kept {
            self.write_sealing(gate);
        }
        self.sealing.last().map_or(now, |newest| newest.made + SEALING_RENEWED)
    }

    /// The token for one's own code as it is shown now.
    pub(crate) fn shown_token(&self) -> Option<&[u8]> {
        self.tokens.shown()
    }

    /// Has the code show a new token when that is due.
    pub(crate) fn renew_token(&mut self, now: Wall, rng: &mut Rng, gate: &mut Gate) {
        if self.tokens.renew(now, rng) {
            self.write_tokens(gate);
        }
    }

    /// Makes every code shown so far worth no more than the key in it.
    pub(crate) fn withdraw_tokens(&mut self, now: Wall, rng: &mut Rng, gate: &mut Gate) {
        self.tokens.withdraw(now, rng);
        self.write_tokens(gate);
    }

    /// An ASK of `host` brought a token; one of ours is used up by that.
    pub(crate) fn on_token(
        &mut self,
        token: &[u8],
        host: HostId,
        now: Wall,
        rng: &mut Rng,
        gate: &mut Gate,
    ) -> Brought {
        let brought = self.tokens.on_brought(token, host, now);
        if brought != Brought::Nothing {
            self.tokens.renew(now, rng);
            self.write_tokens(gate);
        }
        brought
    }

    fn write_tokens(&self, gate: &mut Gate) {
        gate.write(record::put(Table::Local, TOKENS_ROW, &self.tokens.all()));
    }

    /// Makes a sealing key with the next number, at least `least`.
    fn replace_sealing(&mut self, least: u64, now: Wall, rng: &mut Rng) {
        let number = self.sealing.last().map_or(1, |newest| newest.number.saturating_add(1)).max(least);
        if let Some(newest) = self.sealing.last_mut() {
            newest.replaced = Some(now);
        }
        let fresh = Sealing { number, secret: SealingSecret::generate(rng), made: now, replaced: None };
        self.certificate = certify(&self.identity, &fresh, &self.olm);
        self.sealing.push(fresh);
    }

    fn write_start(&self, gate: &mut Gate) {
        let start = StartRecord { generation: self.generation, asks: self.asks };
        gate.write(record::put(Table::Local, START_ROW, &start));
    }

    pub(crate) fn write_olm(&self, gate: &mut Gate) {
        gate.write(record::put(Table::Local, OLM_ROW, &self.olm.pickle()));
    }

    fn write_sealing(&self, gate: &mut Gate) {
        let keys: Vec<_> = self
            .sealing
            .iter()
            .map(|key| SealingRecord {
                number: key.number,
                secret: *key.secret.to_bytes(),
                made: key.made,
                replaced: key.replaced,
            })
            .collect();
        gate.write(record::put(Table::Local, SEALING_ROW, &keys));
    }
}

fn certify(identity: &Identity, sealing: &Sealing, olm: &OlmAccount) -> Certificate {
    let olm_key = OlmKey(olm.curve25519_key().to_bytes());
    Certificate::issue(identity, sealing.secret.public(), sealing.number, olm_key, 0)
}

fn read<T: serde::de::DeserializeOwned>(records: &[(u64, &[u8])], row: u64) -> Result<Option<T>, RestoreError> {
    let Some((_, value)) = records.iter().find(|(at, _)| *at == row) else { return Ok(None) };
    match record::decode(value) {
        Some(record) => Ok(Some(record)),
        None => Err(RestoreError::Damaged { table: "local", row }),
    }
}

#[cfg(test)]
mod tests {
    use rand_core::SeedableRng;

    use super::*;

    const YEAR: Millis = Millis::from_days(365);

    #[test]
    fn after_a_clock_was_years_ahead_sealing_keys_are_renewed_and_erased_in_their_time() {
        let (mut rng, mut gate) = (Rng::from_seed([1; 32]), Gate::default());
        let start = Wall(0) + YEAR;
        let mut account = Account::create(settings(&Config::default()), start, &mut rng, &mut gate);
        let future = start + Millis(60 * YEAR.0);
        account.renew_sealing(future, &mut rng, &mut gate);
        let numbers = |account: &Account| account.sealing.iter().map(|key| key.number).collect::<Vec<_>>();
        assert_eq!(numbers(&account), [1, 2]);
        account.renew_sealing(start, &mut rng, &mut gate);
        assert_eq!(numbers(&account), [1, 2, 3]);
        account.renew_sealing(start + SEALING_KEPT, &mut rng, &mut gate);
        assert_eq!(numbers(&account), [3, 4]);
    }
}
