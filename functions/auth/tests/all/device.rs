//! An authenticator app: what the person holds in their hand.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use testing::{Answer, Caller};

use crate::office::{Office, PASSWORD};

/// A device that has read the secret.
pub struct Device(Vec<u8>);

impl Device {
    /// Reads the secret of an enrolment.
    pub fn reads(enrolment: &Answer) -> Self {
        assert_eq!(enrolment.status, 201, "{}", enrolment.body);
        let secret = enrolment.body["data"]["secret"].as_str().unwrap();
        Self(BASE32_NOPAD.decode(secret.as_bytes()).unwrap())
    }

    /// What it shows now.
    pub fn shows(&self, office: &Office) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).unwrap();
        mac.update(&(office.world.now() / 30_000).to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let offset = usize::from(hash[19] & 0xf);
        let number = u32::from_be_bytes(hash[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// A code that it does not show, now or around now.
    pub fn never_shows(&self, office: &Office) -> String {
        let shown = self.shows(office);
        // The last digit is changed; that this is the code of a neighbouring step is a matter of one in a million.
        let last = if shown.ends_with('0') { '1' } else { '0' };
        format!("{}{last}", &shown[..5])
    }
}

/// Sets up a second factor for somebody who has just logged in; half a minute passes. The device, and backup codes.
pub async fn enrolled(office: &Office, caller: &Caller) -> (Device, Vec<String>) {
    let device = Device::reads(&office.send(caller, "POST", "/auth/v1/multi-factor", &Value::Null).await);
    let code = json!({ "code": device.shows(office) });
    let confirmed = office.send(caller, "POST", "/auth/v1/multi-factor/confirmation", &code).await;
    assert_eq!(confirmed.status, 201, "{}", confirmed.body);
    office.world.advance(30);
    let codes = confirmed.body["data"]["backupCodes"].as_array().unwrap();
    (device, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// The first step of a log-in with [`PASSWORD`]: the challenge.
pub async fn challenged(office: &Office, email: &str) -> String {
    let answer = office.log_in(email, PASSWORD).await;
    assert_eq!((answer.status, &answer.body["data"]["mfaRequired"]), (200, &json!(true)), "{}", answer.body);
    assert!(answer.body["data"]["accessToken"].is_null());
    answer.body["data"]["challenge"].as_str().unwrap().to_owned()
}

/// The second step.
pub async fn second_step(office: &Office, challenge: &str, code: &str) -> Answer {
    office.post("/auth/v1/login/second-factor", &json!({ "challenge": challenge, "code": code })).await
}
