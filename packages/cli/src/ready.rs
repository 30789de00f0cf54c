//! What `enver up` prints when everything answers.

use std::fmt;
use std::path::PathBuf;

use policy::PLATFORM_TENANT;
use validation::types::Timestamp;

use crate::demo::{LogIn, TENANT};
use crate::messages;
use crate::reference::PAGE;

/// Where everything is.
pub struct Ready {
    pub enver: &'static str,
    /// `http://127.0.0.1:4200`
    pub origin: String,
    /// `http://127.0.0.1:4066`
    pub aws: String,
    /// The names of the services.
    pub services: Vec<&'static str>,
    /// Where data is kept; nowhere when it is not.
    pub data: Option<PathBuf>,
    /// Where log lines go, in words.
    pub log: String,
    pub demo: LogIn,
    /// Of the platform's administrator.
    pub platform: LogIn,
    /// With HTTPS, the file of the authority to trust, and the fingerprint of the certificate.
    pub tls: Option<(PathBuf, String)>,
    /// Now, in milliseconds since 1970.
    pub now: i64,
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { enver, origin, aws, demo, platform, .. } = self;
        let data = self.data.as_ref().map_or("nowhere".to_owned(), |data| format!("in {}", data.display()));
        writeln!(f, "The enver {enver} is up. Data {data}, log lines {}.\n", self.log)?;
        for service in &self.services {
            writeln!(f, "  {service:<8}  {origin}/{service}/v1  (reference: {origin}/{service}/{PAGE})")?;
        }
        writeln!(
            f,
            "  messages  {origin}{}  (the events of late, with the tokens that mails would carry)",
            messages::PATH
        )?;
        writeln!(f, "  AWS       {aws}  (DynamoDB, S3, SQS and SSM parameters, with any credentials)")?;
        writeln!(
            f,
            "            AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_REGION=us-east-1 \
             aws --endpoint-url {aws} dynamodb list-tables\n"
        )?;
        let mut curl = "curl -sS".to_owned();
        if let Some((authority, fingerprint)) = &self.tls {
            writeln!(f, "The certificate is signed by {}; its SHA-256 fingerprint is", authority.display())?;
            writeln!(f, "  {fingerprint}\n")?;
            curl = format!("{curl} --cacert {}", shell_word(&authority.display().to_string()));
        }
        writeln!(
            f,
            "The demo tenant is {TENANT}; its administrator is {} with password {}\n\
             The platform's tenant is {PLATFORM_TENANT}; its administrator is {} with password {}\n",
            demo.email, demo.password, platform.email, platform.password
        )?;
        writeln!(f, "Book a truck:\n")?;
        const JSON: &str = "-H 'content-type: application/json'";
        const TOKEN: &str = r#"-H "authorization: Bearer $token""#;
        let pickup = Timestamp::from_unix_millis((self.now / 1000 + DAY_SECONDS) * 1000);
        writeln!(
            f,
            r#"  token=$({curl} {origin}/auth/v1/login {JSON} -d '{{"tenantId":"{TENANT}","email":"{}","password":"{}"}}' | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')"#,
            demo.email, demo.password
        )?;
        writeln!(
            f,
            r#"  quote=$({curl} {origin}/booking/v1/quotes {JSON} {TOKEN} -d '{{"pickup":{{"lat":17.05,"lng":79.27,"address":"Nalgonda"}},"drop":{{"lat":16.87,"lng":79.56,"address":"Miryalguda"}},"material":"coal","tonnes":12.5,"pickupAt":"{pickup}"}}' | sed 's/.*"quoteToken":"\([^"]*\)".*/\1/')"#
        )?;
        writeln!(f, r#"  {curl} {origin}/booking/v1/bookings {JSON} {TOKEN} -d '{{"quoteToken":"'$quote'"}}'"#)?;
        writeln!(f, "  {curl} {origin}/booking/v1/bookings {TOKEN}\n")
    }
}

/// A text as one word of a shell.
fn shell_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The pickup of the example: soon enough, late enough.
const DAY_SECONDS: i64 = 24 * 60 * 60;
