//! What a new password must be besides long enough, and how old one may and must get.

use config_client::{Document, Scope};
use serde::Deserialize;
use serde_json::json;
use service_errors::{Error, Kind, Refusal};
use validation::types::Timestamp;

use crate::domain::Email;
use crate::passwords::{Passwords, WEAK_PASSWORD};
use crate::records::UserRecord;
use crate::secret::Secret;

/// `services/auth/{environment}/technical/password-rules`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordRules {
    /// How many of lower case, upper case, digits and everything else it must hold.
    pub character_classes: usize,
    /// What it may not be, in any case.
    pub forbidden: Vec<String>,
    /// How many passwords before may not come again.
    pub history_length: usize,
    /// How soon it may be changed.
    pub minimum_age_seconds: i64,
    /// When it must be changed; 0 is never.
    pub maximum_age_seconds: i64,
}

impl Document for PasswordRules {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/password-rules";
}

/// It is the password there is, or one of those before.
pub const PASSWORD_REUSED: Refusal =
    Refusal::rule("PASSWORD_REUSED", "This password was used before: choose one that was not.");
/// It was changed a moment ago.
pub const PASSWORD_TOO_YOUNG: Refusal =
    Refusal::rule("PASSWORD_TOO_YOUNG", "The password was changed too short a time ago to be changed again.");
/// It is right and too old. Told only to whoever knows it.
pub const PASSWORD_EXPIRED: Refusal =
    Refusal::new(Kind::Forbidden, "PASSWORD_EXPIRED", "The password is too old: ask for a reset and choose a new one.");

impl PasswordRules {
    /// Whether a new password is none of the easy ones.
    pub fn check(&self, password: &Secret, email: &Email) -> Result<(), Error> {
        let text = password.expose();
        let folded = text.to_lowercase();
        let address = email.folded();
        let mailbox = address.split('@').next().unwrap_or_default();
        if folded == address || folded == mailbox || self.forbidden.iter().any(|word| word.to_lowercase() == folded) {
            return Err(WEAK_PASSWORD.with(json!({ "forbidden": true })));
        }
        let classes: [fn(char) -> bool; 4] =
            [char::is_lowercase, char::is_uppercase, char::is_numeric, |letter| !letter.is_alphanumeric()];
        if classes.into_iter().filter(|class| text.contains(*class)).count() < self.character_classes {
            return Err(WEAK_PASSWORD.with(json!({ "characterClasses": self.character_classes })));
        }
        Ok(())
    }

    /// Refuses a change that comes too soon after the last one.
    pub fn check_age(&self, user: &UserRecord, now: &Timestamp) -> Result<(), Error> {
        if age(user, now) >= self.minimum_age_seconds {
            return Ok(());
        }
        Err(PASSWORD_TOO_YOUNG.with(json!({ "minimumAgeSeconds": self.minimum_age_seconds })))
    }

    /// Whether the password must be changed before it is good for anything else.
    pub fn expired(&self, user: &UserRecord, now: &Timestamp) -> bool {
        self.maximum_age_seconds > 0 && age(user, now) >= self.maximum_age_seconds
    }

    /// The person with a new password. Whoever is logged in with the old one is so no longer. `costs` says what a hash
    /// costs.
    pub fn replace(
        &self,
        user: &UserRecord,
        password: &Secret,
        costs: &Passwords,
        now: &Timestamp,
    ) -> Result<UserRecord, Error> {
        let known = std::iter::once(&user.password_hash).chain(&user.password_history);
        let known: Vec<&Secret> = known.take(self.history_length + 1).collect();
        if costs.any(password, &known)? {
            return Err(PASSWORD_REUSED.into());
        }
        let history = known.into_iter().take(self.history_length).cloned().collect();
        Ok(UserRecord {
            password_hash: costs.hash_beside(password, &user.password_hash)?,
            password_history: history,
            password_changed_at: Some(now.clone()),
            session_epoch: user.session_epoch + 1,
            ..user.clone()
        })
    }
}

/// In seconds.
fn age(user: &UserRecord, now: &Timestamp) -> i64 {
    let since = user.password_changed_at.as_ref().unwrap_or(&user.created_at);
    now.unix_seconds() - since.unix_seconds()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> PasswordRules {
        PasswordRules {
            character_classes: 3,
            forbidden: vec!["Summer2026!".into()],
            history_length: 2,
            minimum_age_seconds: 60,
            maximum_age_seconds: 600,
        }
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1000)
    }

    const CHEAP: Passwords = Passwords { minimum_length: 1, memory_kib: 64, iterations: 1, lanes: 1 };

    fn person(password: &str) -> UserRecord {
        let hash = CHEAP.hash(&secret(password)).unwrap();
        UserRecord::new("acme", &Email("asha.rao@acme.example".into()), "Asha".into(), hash, &at(0))
    }

    #[test]
    fn an_easy_password_is_refused_for_what_is_easy_about_it() {
        let email = Email("Asha.Rao1@acme.example".into());

        for good in ["aB3", "a-3", "éÉ٣", "A b!"] {
            assert!(rules().check(&secret(good), &email).is_ok(), "{good}");
        }
        for easy in ["aB", "abcdef12", "summer2026!", "asha.rao1", "Asha.Rao1@Acme.Example", ""] {
            assert_eq!(rules().check(&secret(easy), &email).unwrap_err().code(), "WEAK_PASSWORD", "{easy}");
        }
    }

    #[test]
    fn a_password_has_an_age_at_which_it_may_and_one_at_which_it_must_change() {
        let user = person("one");

        assert!(rules().check_age(&user, &at(59)).is_err());
        assert!(rules().check_age(&user, &at(60)).is_ok());
        assert!(!rules().expired(&user, &at(599)));
        assert!(rules().expired(&user, &at(600)));
        assert!(!PasswordRules { maximum_age_seconds: 0, ..rules() }.expired(&user, &at(i64::from(u32::MAX))));
    }

    #[test]
    fn as_many_passwords_as_configured_may_not_come_again_whatever_a_hash_cost_then() {
        let mut user = person("one");
        let dearer = Passwords { memory_kib: 128, ..CHEAP };
        for (password, costs) in [("two", &CHEAP), ("three", &dearer)] {
            user = rules().replace(&user, &secret(password), costs, &at(1)).unwrap();
        }

        for reused in ["one", "two", "three"] {
            let error = rules().replace(&user, &secret(reused), &dearer, &at(2)).unwrap_err();
            assert_eq!(error.code(), "PASSWORD_REUSED", "{reused}");
        }
        let user = rules().replace(&user, &secret("four"), &dearer, &at(2)).unwrap();
        assert_eq!((user.password_history.len(), user.session_epoch), (2, 3));
        assert!(rules().replace(&user, &secret("one"), &dearer, &at(3)).is_ok());
        assert!(rules().replace(&user, &secret("two"), &dearer, &at(3)).is_err());
    }
}
