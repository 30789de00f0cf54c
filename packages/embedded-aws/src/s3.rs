//! S3: `s3s` over a folder, where every key may sign.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt;
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tempfile::TempDir;

use crate::OpenError;
use crate::chunks::Unsigned;
use crate::digested::Digested;
use crate::endpoint::bucket_of;
use crate::keys::KeysStay;
use crate::recorder::{Access, Recorder, Resource};
use crate::router::BoxError;

/// The key of the in-process clients, which the service knows; requests of other keys are signed anew with it.
pub(crate) const KEY: &str = "embedded";

/// Its secret.
pub(crate) const SECRET: &str = "embedded";

const CONTENT_SHA256: &str = "x-amz-content-sha256";

/// How that begins when the body comes in chunks.
const CHUNKED: &str = "STREAMING-";

/// Buckets are folders, objects are files.
pub(crate) struct S3 {
    service: S3Service,
    region: String,
    /// Removed with the service when it is for one test alone.
    _folder: Option<TempDir>,
}

impl S3 {
    /// Serves a folder that exists.
    pub fn open(folder: &Path, region: String) -> Result<Self, OpenError> {
        let files = s3s_fs::FileSystem::new(folder).map_err(|error| OpenError::S3(format!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
        builder.set_access(KeysStay);
        Ok(Self { service: builder.build(), region, _folder: None })
    }

    /// Serves a folder of its own that goes with it.
    pub fn temporary(region: String) -> Result<Self, OpenError> {
        let folder = tempfile::tempdir().map_err(OpenError::folder(&std::env::temp_dir()))?;
        let mut service = Self::open(folder.path(), region)?;
        service._folder = Some(folder);
        Ok(service)
    }

    /// Answers one request; its body is not held in memory.
    pub async fn answer<B>(&self, request: Request<B>, recorder: Option<&Recorder>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (mut head, body) = request.into_parts();
        let payload = text(&head.headers, CONTENT_SHA256).unwrap_or_default().to_owned();
        if self.readdress(&mut head).is_err() || self.sign(&mut head).is_err() {
            return refusal(StatusCode::BAD_REQUEST, "InvalidRequest", "The request cannot be read.");
        }
        if let Some(recorder) = recorder {
            record(&head, recorder);
        }
        let broken = Arc::new(AtomicBool::new(false));
        let (body, code, message) = if payload.starts_with(CHUNKED) {
            let body = Body::http_body_unsync(Unsigned::new(body, Arc::clone(&broken)));
            (body, "IncompleteBody", "The chunks of the body cannot be read.")
        } else if payload.len() == 64 {
            let body = Body::http_body_unsync(Digested::new(body, payload, Arc::clone(&broken)));
            (body, "XAmzContentSHA256Mismatch", "The x-amz-content-sha256 is not that of the body.")
        } else {
            (Body::http_body_unsync(body.map_err(Into::into)), "IncompleteBody", "The body cannot be read.")
        };
        match self.service.call(Request::from_parts(head, body)).await {
            // The storage cannot tell a body that broke from a disk that did.
            Ok(answer) if answer.status().is_server_error() && broken.load(Ordering::Relaxed) => {
                refusal(StatusCode::BAD_REQUEST, code, message)
            }
            Ok(answer) => answer,
            Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", &format!("{error:?}")),
        }
    }

    /// Puts a bucket that is in the host name into the path, and takes out of the query what signs, and the wish for
    /// encoded keys: the service would say that they are, and not do it.
    fn readdress(&self, head: &mut Parts) -> Result<(), http::Error> {
        let host = host(head);
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        let bucket = bucket_of(name).map(|bucket| format!("/{bucket}")).unwrap_or_default();
        let query = head.uri.query().unwrap_or_default();
        const SIGNATURE: [&str; 7] =
            ["Algorithm", "Credential", "Date", "Expires", "Security-Token", "Signature", "SignedHeaders"];
        let goes = |pair: &str| {
            let name = pair.split('=').next().unwrap_or_default();
            name == "encoding-type" || name.strip_prefix("X-Amz-").is_some_and(|name| SIGNATURE.contains(&name))
        };
        if bucket.is_empty() && !query.split('&').any(goes) {
            return Ok(());
        }
        let query: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !goes(pair)).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let path = PathAndQuery::try_from(format!("{bucket}{}{mark}{}", head.uri.path(), query.join("&")))?;
        head.uri = Uri::from(path);
        Ok(())
    }

    /// Signs with the key that the service knows. The signatures of chunks, each of which hangs on the one before, are
    /// taken out of the body, and a digest of the whole body is compared here.
    fn sign(&self, head: &mut Parts) -> Result<(), BoxError> {
        let body = match text(&head.headers, CONTENT_SHA256) {
            Some(payload) if payload.starts_with(CHUNKED) => SignableBody::StreamingUnsignedPayloadTrailer,
            _ => SignableBody::UnsignedPayload,
        };
        let host = host(head);
        for signed in [AUTHORIZATION.as_str(), "x-amz-date", "x-amz-security-token", CONTENT_SHA256] {
            head.headers.remove(signed);
        }
        if matches!(body, SignableBody::StreamingUnsignedPayloadTrailer) {
            // The service wants trailers to be announced, even if there are none.
            head.headers.entry("x-amz-trailer").or_insert(HeaderValue::from_static("none"));
            let encodings =
                text(&head.headers, CONTENT_ENCODING.as_str()).unwrap_or_default().split(',').map(str::trim);
            let kept: Vec<&str> = encodings.filter(|encoding| !["", "aws-chunked"].contains(encoding)).collect();
            let kept = kept.join(",");
            head.headers.remove(CONTENT_ENCODING);
            if !kept.is_empty() {
                head.headers.insert(CONTENT_ENCODING, HeaderValue::from_str(&kept)?);
            }
        }
        head.headers.insert(HOST, HeaderValue::from_str(&host)?);
        let path = head.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let url = format!("http://{host}{path}");
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = Credentials::from_keys(KEY, SECRET, None).into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(SystemTime::now())
            .settings(settings)
            .build()?
            .into();
        let request = SignableRequest::new(head.method.as_str(), url, [("host", host.as_str())].into_iter(), body)?;
        let (signed, _) = sign(request, &parameters)?.into_parts();
        let mut carrier = Request::new(());
        *carrier.headers_mut() = std::mem::take(&mut head.headers);
        signed.apply_to_request_http1x(&mut carrier);
        head.headers = std::mem::take(carrier.headers_mut());
        Ok(())
    }
}

/// The host and port that the request was made for.
fn host(head: &Parts) -> String {
    let named = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    named.or_else(|| head.uri.authority().map(|authority| authority.as_str())).unwrap_or("127.0.0.1").to_owned()
}

fn record(head: &Parts, recorder: &Recorder) {
    let bucket_in = |path: &str| path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default().to_owned();
    let access = match head.method {
        Method::GET | Method::HEAD => Access::Read,
        _ => Access::Write,
    };
    let bucket = bucket_in(head.uri.path());
    if !bucket.is_empty() {
        recorder.add(Resource::Bucket, &bucket, access);
    }
    if let Some(source) = text(&head.headers, "x-amz-copy-source") {
        recorder.add(Resource::Bucket, &bucket_in(source), Access::Read);
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    let mut response = Response::new(Body::from(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}
