//! What is refused: requests that break one rule, other methods, other media types, broken bodies, bad credentials.

use bytes::Bytes;
use document::{Api, MediaType, Operation, Scheme};
use http::{HeaderName, HeaderValue, Method, header};

use crate::caller::Caller;
use crate::curl::{MADE_UP_BASIC, MADE_UP_BEARER, MADE_UP_KEY};
use crate::draft::{Content, Draft};
use crate::invalid::violations;
use crate::judge::{Deserves, Strictness};
use crate::report::Check;
use crate::verifier::{Break, Verifier, rank};

/// What is no document of JSON, and how it is called.
const BROKEN: [(&str, &[u8]); 3] = [
    ("a body that ends too early", b"{\"a\": "),
    ("a body with something behind it", b"{} {"),
    ("a body that is not UTF-8", b"{\"a\": \"\xff\"}"),
];

impl Verifier<'_> {
    pub(crate) async fn refusals(&mut self, index: usize) -> Result<(), Break> {
        let Some(operation) = self.api.operations.get(index) else { return Ok(()) };
        let Some(base) = self.base(index) else {
            return Err(Break::LeaveOut(
                "no request can be made: its schemas accept nothing that we know of".to_owned(),
            ));
        };
        let broken = violations(operation, &base);
        let caller = {
            let harmless = broken.first().map(|violation| violation.draft.clone());
            let probe = harmless.or_else(|| (rank(&operation.method) == 0).then(|| base.clone()));
            self.caller(index, probe.as_ref()).await?
        };
        let asked_by_nobody = caller.is_none() && !operation.security.is_empty();
        if asked_by_nobody
            || self.is_kept_out(operation, broken.first().map(|first| &first.draft), caller.as_ref()).await?
        {
            self.leave_out(index, "nobody whose credentials were given is let in: only strangers asked".to_owned());
        } else {
            // Where not all are sent, some of every part of the request are.
            let apart = broken.len().div_ceil(self.plan.invalid.max(1)).max(1);
            for violation in broken.iter().step_by(apart).take(self.plan.invalid) {
                let deserves = Deserves::Refusal(violation.issue.clone());
                let (title, draft) = (violation.title(), &violation.draft);
                self.check(index, Check::Invalid, &title, draft, caller.as_ref(), &deserves).await?;
            }
            self.ask_all(index, other_bodies(operation, &base), caller.as_ref()).await?;
        }
        if !self.plan.read_only {
            self.ask_all(index, other_methods(self.api, operation, &base), caller.as_ref()).await?;
        }
        self.ask_all(index, nobodies(operation, &base, Self::strictness(operation)), None).await?;
        if let Some(forged) = caller.and_then(|caller| caller.forged()).filter(|_| !operation.security.is_empty()) {
            let title = "credentials with one letter changed";
            self.check(index, Check::Credentials, title, &base, Some(&forged), &Deserves::Unknown).await?;
        }
        Ok(())
    }

    /// Whether the policy keeps the caller out: whoever is kept out learns nothing of the schema, and neither do we.
    async fn is_kept_out(
        &mut self,
        operation: &Operation,
        probe: Option<&Draft>,
        caller: Option<&Caller>,
    ) -> Result<bool, Break> {
        let (Some(caller), Some(mut request)) = (caller, probe.and_then(|probe| probe.request(operation))) else {
            return Ok(false);
        };
        caller.sign(&mut request);
        let probed = self.ask(&request).await?;
        Ok(self.keeps_out(caller, false, probed.as_ref()))
    }

    async fn ask_all(&mut self, index: usize, all: Vec<Asked>, caller: Option<&Caller>) -> Result<(), Break> {
        for Asked { check, title, draft, deserves } in all {
            self.check(index, check, &title, &draft, caller, &deserves).await?;
        }
        Ok(())
    }
}

/// A request that is to be refused.
pub(crate) struct Asked {
    pub check: Check,
    pub title: String,
    pub draft: Draft,
    pub deserves: Deserves,
}

/// Other media types, what does not parse, and what is too long.
pub(crate) fn other_bodies(operation: &Operation, base: &Draft) -> Vec<Asked> {
    let Some(body) = &operation.body else { return Vec::new() };
    let with = |check, title: String, media: &str, bytes: &[u8], deserves| {
        let body = Some(Content::Bytes(media.to_owned(), Bytes::copy_from_slice(bytes)));
        Asked { check, title, draft: Draft { body, ..base.clone() }, deserves }
    };
    let mut all = Vec::new();
    const STRANGE: &str = "application/x-unheard-of";
    if body.media(STRANGE).is_none() {
        let title = format!("a body of {STRANGE}");
        // Good but for its name: anything else may be refused by who never looked at that.
        let good = match &base.body {
            Some(Content::Value(index, value)) => body.content.get(*index).map(|media| media.write(value)),
            Some(Content::Bytes(_, bytes)) => Some(bytes.clone()),
            None => None,
        };
        let good = good.unwrap_or_else(|| Bytes::from_static(b"anything"));
        all.push(with(Check::MediaType, title, STRANGE, &good, Deserves::OtherMediaType));
    }
    if let Some(json) = body.content.iter().find(|media| MediaType::of(&media.name) == MediaType::Json) {
        for (title, broken) in BROKEN {
            all.push(with(Check::Syntax, title.to_owned(), &json.sent(), broken, Deserves::NotParsed));
        }
    }
    let limit = operation.extension("x-body-limit").and_then(serde_json::Value::as_u64);
    const LARGEST: u64 = 4 * 1024 * 1024;
    if let (Some(limit), Some(media)) = (limit.filter(|limit| *limit <= LARGEST), body.content.first()) {
        let length = usize::try_from(limit + 1).unwrap_or(usize::MAX);
        let title = format!("a body of {length} bytes, one over the limit");
        all.push(with(Check::Size, title, &media.sent(), &vec![b' '; length], Deserves::TooLarge));
    }
    all
}

/// Methods that nobody declared; asked once per path, of its first operation.
pub(crate) fn other_methods(api: &Api, operation: &Operation, base: &Draft) -> Vec<Asked> {
    let on_path = |other: &&Operation| other.template.as_str() == operation.template.as_str();
    let first = api.operations.iter().find(on_path);
    let Some(request) = base.request(operation).filter(|_| first.is_some_and(|first| std::ptr::eq(first, operation)))
    else {
        return Vec::new();
    };
    let methods = |of: &dyn Fn(&Operation) -> bool| -> Vec<String> {
        api.operations.iter().filter(|other| of(other)).map(|other| other.method.to_string()).collect()
    };
    let declared = methods(&|other| on_path(&other));
    // A path may be one of several templates: `/users/me` is one of `/users/{id}`.
    let possible = methods(&|other| other.template.matches(request.uri().path()).is_some());
    [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::PATCH]
        .into_iter()
        .filter(|method| !possible.contains(&method.to_string()))
        .map(|method| Asked {
            check: Check::Method,
            title: format!("{method}, which nobody declared"),
            draft: Draft { method: Some(method), body: None, ..base.clone() },
            deserves: Deserves::NoSuchMethod(declared.clone()),
        })
        .collect()
}

/// Without credentials, with ones that nobody issued, and with others than are asked for.
pub(crate) fn nobodies(operation: &Operation, base: &Draft, strictness: Strictness) -> Vec<Asked> {
    if operation.security.is_empty() {
        return Vec::new();
    }
    let asked = |title: &str, fields| Asked {
        check: Check::Credentials,
        title: title.to_owned(),
        draft: Draft { fields, ..base.clone() },
        deserves: Deserves::Unknown,
    };
    let mut all = vec![asked("no credentials", base.fields.clone())];
    let made_up = operation.security.iter().map(|alternative| made_up(alternative));
    all.extend(
        made_up.filter(|fields| !fields.is_empty()).map(|fields| asked("credentials that nobody issued", fields)),
    );
    let takes_basic = operation.security.iter().flatten().any(|one| one.scheme == Scheme::Http("basic".into()));
    if strictness == Strictness::Strict && !takes_basic {
        let basic = (header::AUTHORIZATION, HeaderValue::from_static(MADE_UP_BASIC));
        all.push(asked("credentials of another scheme", vec![basic]));
    }
    all
}

/// Credentials for each scheme of an alternative that go in a header field.
fn made_up(alternative: &[document::Security]) -> Vec<(HeaderName, HeaderValue)> {
    let field = |security: &document::Security| match &security.scheme {
        Scheme::Http(scheme) if scheme == "basic" => {
            Some((header::AUTHORIZATION, HeaderValue::from_static(MADE_UP_BASIC)))
        }
        Scheme::Http(scheme) if scheme == "bearer" => {
            Some((header::AUTHORIZATION, HeaderValue::from_static(MADE_UP_BEARER)))
        }
        Scheme::ApiKey(document::Location::Header, name) => {
            Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::from_static(MADE_UP_KEY)))
        }
        _ => None,
    };
    let all: Vec<_> = alternative.iter().filter_map(field).collect();
    if all.len() == alternative.len() { all } else { Vec::new() }
}
