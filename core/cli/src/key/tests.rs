use super::*;

#[test]
fn the_first_run_makes_a_key_that_only_its_owner_reads_and_later_runs_find_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("new").join("home");
    let key = of_home(&home, None).unwrap();
    assert_eq!(of_home(&home, None).unwrap().as_bytes(), key.as_bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(home.join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&home).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn first_runs_at_the_same_time_agree_on_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let keys: Vec<_> = (0..8)
        .map(|_| {
            let home = folder.path().to_owned();
            std::thread::spawn(move || *of_home(&home, None).unwrap().as_bytes())
        })
        .map(|thread| thread.join().unwrap())
        .collect();
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn where_there_is_a_database_no_key_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let key = of_home(folder.path(), None).unwrap();
    drop(Store::open(folder.path(), Some(key), |_| {}).unwrap());
    fs::remove_file(folder.path().join(FILE)).unwrap();
    assert!(matches!(of_home(folder.path(), None), Err(KeyError::Missing(_))));
    assert!(!folder.path().join(FILE).exists());
}

#[test]
fn a_key_file_of_another_length_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), FILE, &[7; 31]).unwrap();
    assert!(matches!(of_home(folder.path(), None), Err(KeyError::Damaged(_))));
}

#[test]
fn a_passphrase_is_refused_where_there_is_a_key_file_and_gives_one_key_where_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let (with_file, without) = (folder.path().join("a"), folder.path().join("b"));
    of_home(&with_file, None).unwrap();
    assert!(matches!(of_home(&with_file, Some("correct horse")), Err(KeyError::Both(_))));
    assert!(matches!(of_home(&without, Some("")), Err(KeyError::EmptyPassphrase)));
    let key = of_home(&without, Some("correct horse")).unwrap();
    assert_eq!(of_home(&without, Some("correct horse")).unwrap().as_bytes(), key.as_bytes());
    assert!(!without.join(FILE).exists());
}

#[test]
fn a_passphrase_file_counts_to_the_end_of_its_first_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passphrase");
    fs::write(&path, " correct horse \r\nmore\n").unwrap();
    assert_eq!(read_passphrase(&path).unwrap().as_str(), " correct horse ");
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_refused_until_it_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let key = of_home(folder.path(), None).unwrap();
    let path = folder.path().join(FILE);
    for mode in [0o640, 0o604, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let result = of_home(folder.path(), None);
        assert!(matches!(result, Err(KeyError::Exposed { mode: found, .. }) if found == mode), "{mode:o}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(of_home(folder.path(), None).unwrap().as_bytes(), key.as_bytes());
}

#[test]
fn a_key_for_an_account_that_never_came_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("new");
    for passphrase in [None, Some("correct horse")] {
        let new = new_for(&home, passphrase).unwrap();
        new.discard();
        assert!(!home.exists(), "{passphrase:?}");
    }
    let new = new_for(&home, None).unwrap();
    new.keep().unwrap();
    new.keep().unwrap();
    assert_eq!(of_home(&home, None).unwrap().as_bytes(), new.key().as_bytes());
}

#[test]
fn an_erased_key_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    of_home(folder.path(), None).unwrap();
    assert_eq!(place(folder.path()), Place::File);
    assert_eq!(erase(folder.path()).unwrap().as_deref(), Some(FILE));
    assert!(!folder.path().join(FILE).exists());
    assert_eq!(erase(folder.path()).unwrap(), None);
}

#[test]
fn where_the_key_is_in_a_keyring_that_cannot_be_asked_no_other_is_made() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), KEYRING, b"0123\n").unwrap();
    assert_eq!(keyring_name(folder.path()).unwrap().as_deref(), Some("0123"));
    assert!(matches!(of_home(folder.path(), Some("correct horse")), Err(KeyError::Both(_))));
    assert_eq!(place(folder.path()), Place::Keyring);
}
