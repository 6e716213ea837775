//! Signatures are those of the standard, and nothing else passes for one.

use super::world::now;
use crate::clock::Timestamp;
use crate::delivery::signature::{InvalidKey, Key, SignatureHeaders, TOLERANCE, Unverified, sign, verify};
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The vector of the Standard Webhooks reference libraries.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIMESTAMP: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn key(secret: &str) -> Key {
    Key::parse(&Secret::new(secret.into())).unwrap()
}

fn check(signature: &str, timestamp: &str, body: &[u8]) -> Result<(), Unverified> {
    let headers = SignatureHeaders { id: ID, timestamp, signature };
    verify(&key(SECRET), headers, body, Timestamp::from_second(TIMESTAMP).unwrap(), TOLERANCE)
}

#[test]
fn the_standards_own_vector_comes_out() {
    assert_eq!(sign(&[key(SECRET)], ID, TIMESTAMP, BODY), SIGNATURE);
    assert_eq!(check(SIGNATURE, "1614265330", BODY), Ok(()));
}

#[test]
fn a_receiver_can_change_keys_while_both_sign() {
    let new = key(&format!("whsec_{}", STANDARD.encode([7; 32])));
    let both = sign(&[new.clone(), key(SECRET)], ID, TIMESTAMP, BODY);
    assert_eq!(both.split(' ').count(), 2);
    assert!(both.ends_with(SIGNATURE));
    let at = Timestamp::from_second(TIMESTAMP).unwrap();
    let headers = SignatureHeaders { id: ID, timestamp: "1614265330", signature: &both };
    for key in [new, key(SECRET)] {
        assert_eq!(verify(&key, headers, BODY, at, TOLERANCE), Ok(()));
    }
}

#[test]
fn nothing_else_passes() {
    let flipped = SIGNATURE.replace("g0hM", "g0hN");
    for bad in ["", "v1,", "v1a,AAAA", "v1,not base64", &flipped, &SIGNATURE[3..], &SIGNATURE.to_uppercase()] {
        assert_eq!(check(bad, "1614265330", BODY), Err(Unverified::NoMatch), "{bad}");
    }
    assert_eq!(check(SIGNATURE, "1614265330", br#"{"test":2432232314}"#), Err(Unverified::NoMatch));
    assert_eq!(check(SIGNATURE, "1614265331", BODY), Err(Unverified::NoMatch), "the timestamp is signed");
    assert_eq!(check(&format!("v2,AAAA {SIGNATURE}"), "1614265330", BODY), Ok(()), "every signature is tried");
}

#[test]
fn old_and_future_messages_are_stale() {
    let sign_at = |at: i64| sign(&[key(SECRET)], ID, at, BODY);
    for (off, expected) in
        [(-301, Err(Unverified::Stale)), (-300, Ok(())), (300, Ok(())), (301, Err(Unverified::Stale))]
    {
        let at = TIMESTAMP + off;
        assert_eq!(check(&sign_at(at), &at.to_string(), BODY), expected, "{off}");
    }
    assert_eq!(check(SIGNATURE, "yesterday", BODY), Err(Unverified::BadTimestamp));
    assert_eq!(check(SIGNATURE, "", BODY), Err(Unverified::BadTimestamp));
    assert_eq!(check(SIGNATURE, &i64::MIN.to_string(), BODY), Err(Unverified::Stale));
}

#[test]
fn weak_and_broken_secrets_are_refused_and_none_is_printed() {
    let parse = |secret: &str| Key::parse(&Secret::new(secret.into())).map(|_| ());
    let encoded = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![1; bytes]));
    assert_eq!(parse(&encoded(23)), Err(InvalidKey::TooShort(23)));
    assert_eq!(parse(&encoded(24)), Ok(()));
    assert_eq!(parse(&encoded(64)), Ok(()));
    assert_eq!(parse(&encoded(65)), Err(InvalidKey::TooLong(65)));
    assert_eq!(parse(encoded(32).trim_end_matches('=')), Ok(()), "padding gets lost in copying");
    assert_eq!(parse("whsec_***"), Err(InvalidKey::NotBase64));
    assert_eq!(parse("short"), Err(InvalidKey::TooShort(5)));
    assert_eq!(parse("a raw secret of enough length"), Ok(()));
    assert_eq!(parse(&"r".repeat(100)), Ok(()), "only the standard's own form has a longest length");
    assert_eq!(format!("{:?}", key(SECRET)), "Key(***)");
}

#[test]
fn a_raw_secret_signs_with_its_own_bytes() {
    let raw = "0123456789abcdefghijklmn";
    let same = format!("whsec_{}", STANDARD.encode(raw));
    let at = now().as_second();
    assert_eq!(sign(&[key(raw)], ID, at, BODY), sign(&[key(&same)], ID, at, BODY));
}
