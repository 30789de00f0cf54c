//! Calls to other services over the SDK's own HTTP connector: one stack for everything that leaves a process.

use async_trait::async_trait;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use operation::{BoxError, Transport};

/// The longest answer that is read; whoever sends more is not one of ours.
const LARGEST: usize = 16 * 1024 * 1024;

/// Sends requests through the connector that the SDK's clients use too.
#[derive(Debug, Clone)]
pub struct SdkTransport {
    connector: SharedHttpConnector,
}

impl SdkTransport {
    /// The transport over this connector.
    pub fn new(connector: impl HttpConnector + 'static) -> Self {
        Self { connector: SharedHttpConnector::new(connector) }
    }
}

#[async_trait]
impl Transport for SdkTransport {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, BoxError> {
        let request = HttpRequest::try_from(request.map(SdkBody::from))?;
        let response = self.connector.call(request).await?;
        let mut answer = http::Response::builder().status(response.status().as_u16());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let body = Limited::new(response.into_body(), LARGEST).collect().await?.to_bytes();
        Ok(answer.body(body)?)
    }
}
