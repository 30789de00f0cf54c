//! Calls end in time, by the timer of the host and the limit of the configuration.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cloud::{Limited, Platform, TimedOut};
use http::{Request, Response};
use operation::{BoxError, Transport};
use serde_json::json;
use service_client::Cause;

use crate::place::Place;
use crate::upstreams::desk::Desk;

struct Silent;

#[async_trait]
impl Transport for Silent {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_service_that_never_answers_is_waited_for_as_long_as_the_configuration_says() {
    let place = Place::open().await;
    let waited = Arc::new(Mutex::new(Vec::new()));
    let sleep = {
        let waited = Arc::clone(&waited);
        Arc::new(move |time: Duration| {
            waited.lock().unwrap().push(time);
            Box::pin(std::future::ready(())) as _
        })
    };
    let limit = Arc::clone(&place.platform.time_limit);
    let transport = Arc::new(Limited::new(Arc::new(Silent), sleep, Arc::clone(&limit)));
    let desk = Desk::new(&Platform { transport, ..place.platform.clone() }, "shop", Arc::new("http://desk".to_owned()));

    limit.set(Duration::from_millis(750));
    let failure = desk.get_status("r").await.unwrap_err();

    let Cause::Unreachable(source) = &failure.cause else { panic!("{failure:?}") };
    assert_eq!(source.downcast_ref::<TimedOut>().map(|timed_out| timed_out.0), Some(Duration::from_millis(750)));
    assert_eq!(*waited.lock().unwrap(), [Duration::from_millis(750)]);
    assert!(place.breaches().is_empty());
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_answer() {
    let place = Place::open().await;
    let failure = place.desk.get_status("r").await.unwrap_err();
    assert!(matches!(failure.cause, Cause::Unreachable(_)), "{failure:?}");

    place.says(200, &json!({ "up": true }));
    assert!(place.desk.get_status("r").await.unwrap().body.up);
}
