//! Connections out of a function, made ready by its first call: that reads every root certificate of the system, which
//! takes most of the time of a start.

use std::sync::LazyLock;

use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

/// What the SDK's clients call through. Its own one would get ready when the first of them is made.
pub(crate) fn client() -> SharedHttpClient {
    let client = Builder::new().tls_provider(TLS).build_https();
    http_client_fn(move |settings, components| client.http_connector(settings, components))
}

/// What calls of other services go through. It has no times of its own: the transport over it gives up in time.
pub(crate) fn connector() -> impl HttpConnector {
    AtFirstCall(LazyLock::new(|| Connector::builder().tls_provider(TLS).build()))
}

const TLS: Provider = Provider::Rustls(CryptoMode::Ring);

#[derive(Debug)]
struct AtFirstCall(LazyLock<Connector>);

impl HttpConnector for AtFirstCall {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.call(request)
    }
}
