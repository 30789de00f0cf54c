//! A deployment to send requests to: over the network, or in this process.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use bytes::Bytes;
use cloud::SdkTransport;
use http::{Request, Response, Uri};
use operation::{BoxError, Endpoint, Transport, full};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::curl::{Place, Secrets, line, quoted};

/// How long an answer may take, unless somebody says otherwise.
const ALLOWED: Duration = Duration::from_secs(30);

/// A text that is no base URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url:?} is not a base URL: give one like http://127.0.0.1:4200 or https://api.example/v2")]
pub struct BadUrl {
    url: String,
}

/// A file that holds no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file} holds no certificate: give the authority's in PEM, which begins with -----BEGIN CERTIFICATE-----")]
pub struct NoCertificate {
    file: String,
}

/// A certificate authority, which is trusted beside those of the system.
#[derive(Debug, Clone)]
pub struct Authority {
    file: PathBuf,
    trusted: TlsContext,
}

impl Authority {
    /// The authority in a file, which holds this PEM.
    pub fn new(file: PathBuf, pem: &[u8]) -> Result<Self, NoCertificate> {
        // The connector panics at what it cannot read, and takes a file without certificates for nothing to trust.
        let mut roots = RootCertStore::empty();
        let whole = CertificateDer::pem_slice_iter(pem)
            .all(|certificate| certificate.is_ok_and(|certificate| roots.add(certificate).is_ok()));
        let store = TrustStore::default().with_native_roots(true).with_pem_certificate(pem);
        match TlsContext::builder().with_trust_store(store).build() {
            Ok(trusted) if whole && !roots.is_empty() => Ok(Self { file, trusted }),
            _ => Err(NoCertificate { file: file.display().to_string() }),
        }
    }
}

/// No answer came.
#[derive(Debug, thiserror::Error)]
#[error("{place} does not answer {method} {path}")]
pub struct Unreachable {
    place: String,
    method: String,
    path: String,
    source: BoxError,
}

impl Unreachable {
    /// It and what caused it, outermost first.
    pub(crate) fn why(&self) -> String {
        let causes = std::iter::successors(Some(self as &dyn Error), |error| (**error).source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }
}

/// A request, its answer, and how long it took.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was sent; its URI is a path, whatever the base URL.
    pub request: Request<Bytes>,
    /// What came.
    pub response: Response<Bytes>,
    /// From sending to the last byte of the answer.
    pub took: Duration,
}

/// A deployment to send requests to. Clones share its connections.
#[derive(Clone)]
pub struct Client {
    /// What goes before a path; empty in process.
    base: String,
    /// What goes before the path of messages, where they are somewhere else.
    messages: Option<String>,
    /// The file of the authority that is trusted beside those of the system.
    authority: Option<PathBuf>,
    transport: Arc<dyn Transport>,
}

/// Where a laptop's enver shows what mails would carry; no service declares it, so what stands before services does not
/// have it.
const MESSAGES: &str = "/_messages";

impl Client {
    /// The deployment at a base URL, whose path goes before every path that is asked for. Nothing is sent yet.
    pub fn remote(url: &str) -> Result<Self, BadUrl> {
        Self::trusting(url, None)
    }

    /// The same, trusting an authority beside those of the system: the one that `enver up --tls` printed.
    pub fn trusting(url: &str, authority: Option<Authority>) -> Result<Self, BadUrl> {
        let base = base(url).ok_or_else(|| BadUrl { url: url.to_owned() })?;
        let times = HttpConnectorSettings::builder().connect_timeout(ALLOWED).read_timeout(ALLOWED).build();
        let builder = Connector::builder().connector_settings(times).sleep_impl(TokioSleep::new());
        let builder = builder.tls_provider(Provider::Rustls(CryptoMode::Ring));
        let (builder, authority) = match authority {
            Some(Authority { file, trusted }) => (builder.tls_context(trusted), Some(file)),
            None => (builder, None),
        };
        let transport = Arc::new(SdkTransport::new(builder.build()));
        Ok(Self { base, messages: None, authority, transport })
    }

    /// A deployment in this process, behind a transport.
    pub fn in_process(transport: Arc<dyn Transport>) -> Self {
        Self { base: String::new(), messages: None, authority: None, transport }
    }

    /// The same, but what mails would carry is asked for at another base URL.
    pub fn with_messages_at(self, url: &str) -> Result<Self, BadUrl> {
        let messages = base(url).ok_or_else(|| BadUrl { url: url.to_owned() })?;
        Ok(Self { messages: Some(messages), ..self })
    }

    /// A deployment in this process: a mounted service, or several.
    pub fn of(endpoint: Arc<dyn Endpoint>) -> Self {
        Self::in_process(Arc::new(Direct(endpoint)))
    }

    /// The base URL, without a slash at its end; empty in process.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request whose URI is a path, perhaps with a query, and reads the whole answer.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Exchange, Unreachable> {
        let begun = Instant::now();
        let sent = async {
            let mut sending = request.clone();
            *sending.uri_mut() = format!("{}{}", self.base_of(&request), request.uri()).parse()?;
            self.transport.send(sending).await
        };
        match sent.await {
            Ok(response) => Ok(Exchange { request, response, took: begun.elapsed() }),
            Err(source) => Err(Unreachable {
                place: match self.base_of(&request) {
                    "" => "the service".to_owned(),
                    base => base.to_owned(),
                },
                method: request.method().to_string(),
                path: request.uri().path().to_owned(),
                source,
            }),
        }
    }

    /// The request as a line for a shell, sent to this deployment; secrets are masked unless they are asked for.
    pub fn curl(&self, request: &Request<Bytes>, secrets: Secrets) -> String {
        line(&self.trusted("curl -sS -i", request), self.base_of(request), request, secrets, &[])
    }

    /// The same line, beginning with a command, and with variables of the shell in some places.
    pub(crate) fn line(&self, command: &str, request: &Request<Bytes>, variables: &[(Place, String)]) -> String {
        line(&self.trusted(command, request), self.base_of(request), request, Secrets::Masked, variables)
    }

    /// A command that trusts whom this client trusts.
    fn trusted(&self, command: &str, request: &Request<Bytes>) -> String {
        match &self.authority {
            Some(file) if self.base_of(request).starts_with("https:") => {
                format!("{command} --cacert {}", quoted(file.as_os_str().as_encoded_bytes()))
            }
            _ => command.to_owned(),
        }
    }

    fn base_of(&self, request: &Request<Bytes>) -> &str {
        self.messages.as_deref().filter(|_| request.uri().path() == MESSAGES).unwrap_or(&self.base)
    }
}

/// The base URL without a slash at its end, if it is one.
fn base(url: &str) -> Option<String> {
    let base = url.trim().trim_end_matches('/');
    let uri: Uri = base.parse().ok()?;
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    let plain = uri.query().is_none() && !uri.authority()?.as_str().contains('@') && !base.contains('#');
    (web && plain).then(|| base.to_owned())
}

/// An endpoint as a transport.
struct Direct(Arc<dyn Endpoint>);

#[async_trait]
impl Transport for Direct {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        Ok(self.0.call(request.map(full)).await)
    }
}
