//! What an operator sees and callers do not: the lines of a request, wrong variables, a service that is away.

use serde_json::{Value, json};

use crate::conversation::ask;
use crate::lambda::Lambda;
use crate::worker::Worker;
use crate::world::{Host, Places, World, freight, get, post};

/// A port of the system's own, on which nobody listens.
const NOWHERE: &str = "http://127.0.0.1:9";

const BOOKINGS: &str = "/booking/v1/bookings";

#[tokio::test(flavor = "multi_thread")]
async fn a_request_leaves_one_log_line_and_one_metric_line_on_lambda_and_on_workers() {
    let world = World::start().await;
    let shipper = world.shipper("north").await;
    let mut request = post(BOOKINGS, &shipper, &json!({ "freight": freight() }));
    request.headers_mut().insert("x-request-id", "line-1".parse().expect("a word"));

    assert_eq!(ask(&world.lambda, request.clone()).await.status(), 201);
    assert_eq!(ask(&world.worker, request).await.status(), 201);

    for (host, printed) in [("lambda", world.lambda.printed()), ("worker", world.worker.ended().await)] {
        let lines: Vec<Value> = printed.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        // Now and then there is a line of the configuration's cache, of no request.
        let of_the_request = |line: &&Value| line["ConfigurationHits"].is_null();
        let lines: Vec<&Value> = lines.iter().filter(of_the_request).collect();
        let [log, metric] = lines[..] else { panic!("{host} printed {printed}") };
        assert_eq!(log["message"], "createBooking answered 201");
        assert_eq!((&log["requestId"], &log["tenant"]), (&"line-1".into(), &"acme".into()));
        assert_eq!(metric["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Enver");
        assert!(!printed.contains(&shipper), "{host} printed a token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_reach_a_new_worker_together_are_all_answered() {
    let world = World::start().await;
    let shipper = world.shipper("north").await;
    let body = json!({ "freight": freight() });
    let create = || ask(&world.worker, post(BOOKINGS, &shipper, &body));

    let (a, b, c, d) = tokio::join!(create(), create(), create(), create());

    for answer in [a, b, c, d] {
        assert_eq!(answer.status(), 201, "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_configuration_service_is_away_both_say_when_to_ask_again() {
    unavailable(World::start_with(|places| NOWHERE.clone_into(&mut places.config)).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_tables_are_away_both_say_when_to_ask_again() {
    unavailable(World::start_with(|places| NOWHERE.clone_into(&mut places.aws)).await).await;
}

async fn unavailable(world: World) {
    let shipper = world.shipper("north").await;
    let request = || get(BOOKINGS, &shipper);
    for (host, answer) in
        [("lambda", ask(&world.lambda, request()).await), ("worker", ask(&world.worker, request()).await)]
    {
        assert_eq!(answer.status(), 503, "{host}: {answer:?}");
        assert_eq!(answer.headers()["retry-after"], "1");
        assert_eq!(world.native.ask(request()).await.status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_without_a_variable_ends_and_names_it() {
    let mut variables = nowhere().variables("booking");
    variables.retain(|(name, _)| *name != "CONFIG_SERVICE_URL");

    let function = Lambda::new(variables);

    assert_eq!(function.ended().await.code(), Some(1));
    let said = "the function's environment is not whole: CONFIG_SERVICE_URL is not set";
    assert!(function.printed().contains(said), "{}", function.printed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_with_a_wrong_variable_answers_500_each_time_and_names_it_on_the_console_only() {
    let mut variables = nowhere().variables("edge");
    variables.retain(|(name, _)| *name != "ENVIRONMENT");
    variables.push(("ENVIRONMENT", "moon".to_owned()));

    let worker = Worker::start(variables).await;

    for _ in 0..2 {
        let answer = ask(&worker, get(BOOKINGS, "")).await;
        let body = String::from_utf8_lossy(answer.body());
        assert_eq!(answer.status(), 500);
        assert!(body.contains("INTERNAL_ERROR") && !body.contains("moon"), "{body}");
        assert!(answer.headers().contains_key("x-request-id"), "{answer:?}");
    }
    let said = "the Worker's variables are not whole: ENVIRONMENT is \"moon\": it must be mock, dev or main";
    assert_eq!(worker.ended().await.matches(said).count(), 2);
}

fn nowhere() -> Places {
    Places { config: NOWHERE.to_owned(), aws: NOWHERE.to_owned() }
}
