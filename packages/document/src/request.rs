//! Checks of a request against its operation.

use http::HeaderMap;

use crate::issue::{Issue, Part};
use crate::operation::Operation;
use crate::parameter::{Location, form_decoded};
use crate::response::joined;
use crate::style::Raw;
use crate::template::decoded;

/// A request that is checked.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The path below the server's base path, percent-encoded as it was sent.
    pub path: &'a str,
    /// What stands behind `?`, as it was sent; empty without one.
    pub query: &'a str,
    /// Its header fields.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a [u8],
}

impl Operation {
    /// All that is wrong with a request: parameters in path, query, header fields and cookies, the media type, the body.
    /// Credentials are for [`Operation::missing_credentials`]. Parameters that are not declared are left alone, as
    /// OpenAPI leaves them.
    #[must_use]
    pub fn check_request(&self, call: &Call<'_>) -> Vec<Issue> {
        let mut issues = Vec::new();
        let Some(path) = self.template.matches(call.path) else {
            let message = format!("`{}` is not a path of `{}`", call.path, self.template.as_str());
            return vec![Issue::new(Part::Path, "", "path", message)];
        };
        let pairs: Vec<(String, &str)> = call
            .query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (form_decoded(name), value))
            .collect();
        let in_query = |name: &str| {
            let mut all = self.parameters.iter().filter(|parameter| parameter.location == Location::Query);
            all.any(|parameter| parameter.name == name)
        };
        for parameter in &self.parameters {
            let raw = match parameter.location {
                Location::Path => {
                    let text = path.iter().find(|(name, _)| *name == parameter.name).map(|(_, text)| text);
                    match text.map(|text| parameter.in_path(text)).transpose() {
                        Ok(raw) => raw,
                        Err(issue) => {
                            issues.push(issue);
                            continue;
                        }
                    }
                }
                Location::Query => parameter.in_query(&pairs, &in_query),
                Location::Header => joined(call.headers, &parameter.name).map(|text| parameter.in_header(&text)),
                Location::Cookie => cookie(call.headers, &parameter.name).map(|value| {
                    let own = [(parameter.name.clone(), value.as_str())];
                    parameter.in_query(&own, &|_| false).unwrap_or_else(|| Raw::Text(decoded(&value).into_owned()))
                }),
            };
            issues.extend(parameter.check(raw));
        }
        if let Some(body) = &self.body {
            issues.extend(body.check(call.headers, call.body));
        }
        issues
    }
}

/// A cookie's value, as it was sent.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let fields = headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}
