//! A probe of the whole path, `fetch` in to AWS SDK out: `PUT /items/{id}` keeps the body, `GET /items/{id}` reads it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use operation::{Body, BoxFuture, Endpoint};

const TABLE: &str = "enver-probe";

type Failure = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct Probe {
    dynamodb: Client,
}

impl Probe {
    pub(crate) fn new(config: &aws_types::SdkConfig) -> Self {
        Self { dynamodb: Client::new(config) }
    }

    async fn answer(&self, request: Request<Body>) -> Result<Response<Bytes>, Failure> {
        let (head, body) = request.into_parts();
        let Some(id) = head.uri.path().strip_prefix("/items/").filter(|id| !id.is_empty()) else {
            return said(StatusCode::NOT_FOUND, String::new());
        };
        if head.method == Method::PUT {
            let text = String::from_utf8(body.collect().await?.to_bytes().to_vec())?;
            self.dynamodb
                .put_item()
                .table_name(TABLE)
                .item("id", AttributeValue::S(id.to_owned()))
                .item("body", AttributeValue::S(text))
                .send()
                .await?;
            return said(StatusCode::NO_CONTENT, String::new());
        }
        let key = AttributeValue::S(id.to_owned());
        let found = self.dynamodb.get_item().table_name(TABLE).key("id", key).send().await?;
        match found.item().and_then(|item| item.get("body")).and_then(|value| value.as_s().ok()) {
            Some(text) => said(StatusCode::OK, text.clone()),
            None => said(StatusCode::NOT_FOUND, String::new()),
        }
    }
}

impl Endpoint for Probe {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            self.answer(request).await.unwrap_or_else(|failure| {
                let mut response = Response::new(Bytes::from(DisplayErrorContext(&*failure).to_string()));
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            })
        })
    }
}

fn said(status: StatusCode, text: String) -> Result<Response<Bytes>, Failure> {
    Ok(Response::builder().status(status).body(Bytes::from(text))?)
}
