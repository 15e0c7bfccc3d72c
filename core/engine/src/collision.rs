//! How likely two hosts are to choose the same id by chance.

use std::f64::consts::LN_2;

/// The probability that among `hosts` ids drawn at random from `bits` free bits at least two are equal, by the approximation
/// `1 − e^(−n(n−1) / 2^(bits+1))` of the birthday problem. Accurate for tiny probabilities too.
///
/// For a million hosts 72 bits give about 1e-10; the 122 free bits of a [`HostId`](crate::ids::HostId) give less than 1e-15
/// (about 1e-25).
pub fn collision_probability(hosts: f64, bits: u32) -> f64 {
    if hosts <= 1.0 {
        return 0.0;
    }
    -(-expected_pairs(hosts) * (-f64::from(bits) * LN_2).exp()).exp_m1()
}

/// The smallest number of free bits with which `hosts` ids collide with a probability of at most `probability`; `u32::MAX`
/// if none is enough because that is zero or less.
pub fn bits_needed(hosts: f64, probability: f64) -> u32 {
    if hosts <= 1.0 || probability >= 1.0 {
        return 0;
    }
    if probability <= 0.0 || !hosts.is_finite() || probability.is_nan() {
        return u32::MAX;
    }
    // Solves 1 − e^(−pairs / 2^bits) = probability for bits.
    let bits = (expected_pairs(hosts) / -(-probability).ln_1p()).log2().ceil();
    // A conversion of floating point saturates; negative means that even one value is enough.
    bits as u32
}

fn expected_pairs(hosts: f64) -> f64 {
    hosts * (hosts - 1.0) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLION: f64 = 1e6;

    fn assert_close(actual: f64, expected: f64, relative: f64) {
        assert!((actual - expected).abs() <= relative * expected, "{actual} is not about {expected}");
    }

    #[test]
    fn a_million_hosts_need_72_bits_for_one_in_ten_thousand_million() {
        assert_close(collision_probability(MILLION, 72), 1e-10, 0.06);
        // 71.97 bits give exactly 1.08e-10, so a strict bound of 1e-10 takes one bit more.
        assert_eq!(bits_needed(MILLION, 1.1e-10), 72);
        assert_eq!(bits_needed(MILLION, 1e-10), 73);
    }

    #[test]
    fn a_million_hosts_with_122_bits_are_far_below_1e_15() {
        assert!(collision_probability(MILLION, 122) < 1e-15);
        assert_close(collision_probability(MILLION, 122), 9.4e-26, 0.01);
    }

    #[test]
    fn twenty_three_birthdays_collide_with_even_chance() {
        // 365 days are 8.5118 bits; 8 and 9 bits lie on both sides of one half.
        assert!(collision_probability(23.0, 8) > 0.5);
        assert!(collision_probability(23.0, 9) < 0.5);
    }

    #[test]
    fn the_bits_needed_are_enough_and_one_less_is_not() {
        for hosts in [2.0, 30.0, 1e3, 1e6, 1e9] {
            for probability in [0.5, 1e-3, 1e-10, 1e-20] {
                let bits = bits_needed(hosts, probability);
                assert!(collision_probability(hosts, bits) <= probability * (1.0 + 1e-9));
                assert!(bits == 0 || collision_probability(hosts, bits - 1) > probability);
            }
        }
    }

    #[test]
    fn the_edges_are_certain() {
        assert_eq!(collision_probability(0.0, 122), 0.0);
        assert_eq!(collision_probability(1.0, 0), 0.0);
        assert!(collision_probability(1e6, 1) > 0.999);
        assert_eq!(bits_needed(1.0, 1e-10), 0);
        assert_eq!(bits_needed(1e6, 1.0), 0);
        assert_eq!(bits_needed(1e6, 0.0), u32::MAX);
    }
}
