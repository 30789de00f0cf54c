//! Constrained types that several services share: time, place, money, paging.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment, as RFC 3339 writes it: `2026-11-21T08:30:00Z`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// The moment that many milliseconds after 1970, kept to the millisecond.
    pub fn from_unix_millis(millis: i64) -> Self {
        let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
        Self(moment.unwrap_or(OffsetDateTime::UNIX_EPOCH))
    }

    /// Milliseconds since 1970.
    pub fn unix_millis(&self) -> i64 {
        i64::try_from(self.0.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
    }

    /// In UTC and always with milliseconds, so that it sorts as text: the fraction of RFC 3339 ends with its last digit
    /// that is not zero, and `08:30:00.1Z` would come after `08:30:00.12Z`. Never before 1970 nor after the year 9999.
    pub fn sortable(&self) -> String {
        const LAST: i64 = 253_402_300_799_999;
        let millis = self.unix_millis().clamp(0, LAST);
        let text = Self::from_unix_millis(millis).to_string();
        format!("{}.{:03}Z", text.get(..19).unwrap_or_default(), millis % 1000)
    }

    /// Seconds since 1970.
    pub fn unix_seconds(&self) -> i64 {
        self.0.unix_timestamp()
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_offset(time::UtcOffset::UTC).format(&Rfc3339).map_err(|_| std::fmt::Error)?)
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = &'static str;

    /// Whole and fractional seconds with `Z` or an offset; a leap second is refused, as most clocks do.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        const NOT_A_TIME: &str = "is not a time like 2026-11-21T08:30:00Z";
        let plain = text.is_ascii() && (20..=35).contains(&text.len()) && !text.contains(['t', 'z', ' ']);
        let leap = text.get(17..19) == Some("60");
        if !plain || leap || text.starts_with('+') || text.starts_with('-') {
            return Err(NOT_A_TIME);
        }
        OffsetDateTime::parse(&text, &Rfc3339).map(Self).map_err(|_| NOT_A_TIME)
    }
}

impl Validate for Timestamp {
    type Context = ();

    fn validate_into(&self, (): &(), _: &mut dyn FnMut() -> garde::Path, _: &mut garde::Report) {}
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date-time",
            "minLength": 20,
            "maxLength": 35,
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$",
        })
    }
}

/// A place on earth, in WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeoPoint {
    /// Latitude, north positive.
    #[garde(range(min = -90.0, max = 90.0))]
    pub lat: f64,
    /// Longitude, east positive.
    #[garde(range(min = -180.0, max = 180.0))]
    pub lng: f64,
}

impl GeoPoint {
    /// The great-circle distance in kilometres (haversine on a sphere of 6,371 km).
    pub fn kilometres_to(self, other: Self) -> f64 {
        const EARTH_RADIUS_KM: f64 = 6_371.0;
        let (lat, other_lat) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = ((other_lat - lat) / 2.0).sin();
        let half_lng = ((other.lng - self.lng).to_radians() / 2.0).sin();
        let chord = half_lat * half_lat + lat.cos() * other_lat.cos() * half_lng * half_lng;
        2.0 * EARTH_RADIUS_KM * chord.sqrt().min(1.0).asin()
    }
}

/// An amount of money in the smallest unit of its currency (paise for INR): integers, never floats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// In the smallest unit.
    #[garde(range(min = 0, max = 1_000_000_000_000_i64))]
    pub amount: i64,
    /// ISO 4217.
    #[garde(pattern("^[A-Z]{3}$"))]
    pub currency: String,
}

/// Which page of a collection: 1 to 100 items, 20 when nothing is said, after the place a cursor names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PageQuery {
    /// How many items.
    #[garde(inner(range(min = 1, max = 100)))]
    #[schemars(range(min = 1, max = 100))]
    pub page_size: Option<u32>,
    /// `nextCursor` of the page before.
    #[garde(inner(length(chars, min = 1, max = 2048)))]
    #[schemars(length(min = 1, max = 2048))]
    pub cursor: Option<String>,
}

impl PageQuery {
    /// How many items were asked for.
    pub fn size(&self) -> u32 {
        const DEFAULT: u32 = 20;
        self.page_size.unwrap_or(DEFAULT)
    }
}

/// A tenant: a short name in lower case, the first part of every key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct TenantId(#[garde(pattern("^[a-z][a-z0-9-]{2,30}$"))] pub String);
