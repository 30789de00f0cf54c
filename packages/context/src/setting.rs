//! Settings: the configuration documents a service reads, as the platform ships them.

use serde::Deserialize;
use serde_json::Value;

/// One configuration document.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its id, with `{environment}` where the enver's name stands: `services.booking.{environment}.business.pricing`.
    pub id: String,
    /// What it is for: the comment it begins with.
    pub about: String,
    /// Its schema.
    pub schema: Value,
    /// The value it ships with.
    pub value: Value,
}

impl Setting {
    /// Reads the file of a document, whose name is its id without the enver.
    ///
    /// # Errors
    ///
    /// It is no document; the text says where.
    pub fn parse(file_stem: &str, text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct File {
            schema: Value,
            value: Value,
        }
        let File { schema, value } = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        let comment =
            text.lines().take_while(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
        let id = match file_stem.split('.').collect::<Vec<_>>()[..] {
            ["services", service, category, name] => format!("services.{service}.{{environment}}.{category}.{name}"),
            _ => file_stem.to_owned(),
        };
        Ok(Self { id, about: comment.collect::<Vec<_>>().join(" "), schema, value })
    }

    /// Its id in an enver.
    pub fn id_in(&self, enver: &str) -> String {
        self.id.replace("{environment}", enver)
    }

    /// Whether this is what a service declares as `business/pricing`.
    pub fn is(&self, service: &str, declared: &str) -> bool {
        let tail = declared.replace('/', ".");
        self.id == format!("services.{service}.{{environment}}.{tail}") || self.id == format!("global.{tail}")
    }
}
