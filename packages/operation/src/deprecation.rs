//! An operation on its way out, and how its answers say so.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{Date, Time};

/// An operation on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation {
    /// Since when, as an RFC 3339 date.
    pub since: &'static str,
    /// Until when it answers (RFC 8594), as an RFC 3339 date.
    pub sunset: &'static str,
    /// What to call instead: the id of an operation of the same service, or words.
    pub instead: &'static str,
}

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

const RFC_3339: StaticFormatDescription = format_description!("[year]-[month]-[day]");
const RFC_9110: StaticFormatDescription =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] 00:00:00 GMT");

impl Deprecation {
    /// `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), both the first moment of their day in UTC; none of them if a
    /// date is not one.
    #[must_use]
    pub fn fields(&self) -> Option<[(HeaderName, HeaderValue); 2]> {
        let since = Date::parse(self.since, RFC_3339).ok()?.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp();
        let sunset = Date::parse(self.sunset, RFC_3339).ok()?.format(RFC_9110).ok()?;
        let field = |text: String| HeaderValue::try_from(text).ok();
        Some([(DEPRECATION, field(format!("@{since}"))?), (SUNSET, field(sunset)?)])
    }

    /// Adds these to an answer, and where the `successor` is, if a link can say that.
    pub(crate) fn announce(&self, headers: &mut HeaderMap, successor: Option<&str>) {
        headers.extend(self.fields().into_iter().flatten());
        // A path with parameters is a template, which a link cannot hold.
        let link = successor.filter(|path| !path.contains('{'));
        let link = link.map(|path| HeaderValue::try_from(format!("<{path}>; rel=\"successor-version\"")));
        if let Some(Ok(link)) = link {
            headers.append(header::LINK, link);
        }
    }
}
