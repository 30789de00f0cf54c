//! Tells the protocols apart and hands each request to its service.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use s3s::Body;

use crate::recorder::Recorder;
use crate::{dynamodb, s3, sqs, ssm};

/// What can go wrong with a body that is still on its way.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The services.
pub(crate) struct Router {
    pub dynamodb: dynamodb::DynamoDb,
    pub s3: s3::S3,
    pub sqs: sqs::Sqs,
    pub ssm: ssm::Ssm,
    /// The lock of the data folder, held as long as this lives.
    pub _lock: Option<std::fs::File>,
}

impl Router {
    /// Answers one request. Whatever comes in, an answer in the shape of its service goes out.
    pub async fn answer<B>(&self, request: Request<B>, recorder: Option<&Recorder>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let Some(target) = request.headers().get("x-amz-target") else {
            return match is_sqs_query(&request) {
                true => query_refused(),
                false => self.s3.answer(request, recorder).await,
            };
        };
        let target = target.to_str().unwrap_or_default().to_owned();
        match target.split_once('.') {
            Some(("DynamoDB_20120810" | "DynamoDBStreams_20120810", operation)) => {
                match whole(request.into_body(), dynamodb::LARGEST_BODY).await {
                    Ok(body) => self.dynamodb.answer(operation, body, recorder).await,
                    Err(refusal) => refusal,
                }
            }
            Some(("AmazonSQS", operation)) => {
                let host = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok());
                let authority = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str));
                let authority = authority.unwrap_or("127.0.0.1").to_owned();
                match whole(request.into_body(), sqs::LARGEST_BODY).await {
                    Ok(body) => self.sqs.answer(operation, &body, &authority, recorder).await,
                    Err(refusal) => refusal,
                }
            }
            Some(("AmazonSSM", operation)) => match whole(request.into_body(), ssm::LARGEST_BODY).await {
                Ok(body) => self.ssm.answer(operation, &body),
                Err(refusal) => refusal,
            },
            _ => json(StatusCode::BAD_REQUEST, UNKNOWN_OPERATION),
        }
    }
}

/// What AWS answers to an operation that it does not have.
pub(crate) const UNKNOWN_OPERATION: &str = r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#;

/// An answer in the JSON protocols.
pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    /// Request ids only need to differ.
    static REQUESTS: AtomicU64 = AtomicU64::new(1);
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    headers.insert("x-amzn-requestid", HeaderValue::from(REQUESTS.fetch_add(1, Ordering::Relaxed)));
    response
}

/// The whole body, or the answer that refuses it because it is too long or broke off.
async fn whole<B>(body: B, most: usize) -> Result<Bytes, Response<Body>>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    match Limited::new(body, most).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(json(
            StatusCode::PAYLOAD_TOO_LARGE,
            r#"{"__type":"com.amazon.coral.service#RequestEntityTooLargeException","message":"Request entity too large."}"#,
        )),
        Err(_) => Err(json(
            StatusCode::BAD_REQUEST,
            r#"{"__type":"com.amazon.coral.service#SerializationException","message":"The request body broke off."}"#,
        )),
    }
}

/// Whether a client speaks the protocol that SQS had before JSON.
fn is_sqs_query<B>(request: &Request<B>) -> bool {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text(http::header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded")
        && text(http::header::AUTHORIZATION).contains("/sqs/")
}

fn query_refused() -> Response<Body> {
    const REFUSAL: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code>\
        <Message>Only the JSON protocol of SQS is served here: use an SDK or AWS CLI of 2024 or later.</Message>\
        </Error></ErrorResponse>";
    let mut response = Response::new(Body::from(REFUSAL.to_owned()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}
