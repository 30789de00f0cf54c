//! The SDK's HTTP client that ends in this process.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use crate::endpoint::refuse_non_loopback;
use crate::recorder::Recorder;
use crate::router::Router;

/// Hands requests to the services in this process and records what they touch.
#[derive(Clone)]
pub(crate) struct InProcess {
    pub router: Arc<Router>,
    pub recorder: Recorder,
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            refuse_non_loopback(request.uri()).map_err(|error| ConnectorError::user(error.into()))?;
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            // An answer is there at once: whoever asks in a loop must let others have the thread now and then.
            tokio::task::coop::consume_budget().await;
            let answer = this.router.answer(request, Some(&this.recorder)).await;
            let answer = answer.map(|body| match body.bytes() {
                Some(whole) => SdkBody::from(whole),
                None => SdkBody::from_body_1_x(body),
            });
            HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
