//! What an operation in the dialect of OAuth takes and answers, and the way elsewhere.

use http::Request;

use crate::desk::{Answer, Desk};

async fn ask(desk: &Desk, form: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::post("/things/v1/grants");
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/x-www-form-urlencoded");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    desk.send(request.body(operation::full(form.to_owned())).unwrap()).await
}

fn generous() -> Desk {
    let desk = Desk::new();
    desk.configure(|settings| settings.rate_limits.iter_mut().for_each(|(_, window)| window.limit = 1000));
    desk
}

#[tokio::test]
async fn a_form_is_read_and_what_stands_in_it_without_a_value_or_without_a_name_of_ours_is_absent() {
    let answer = ask(&generous(), "grant_type=a%20+b&scope=&more=1", &[]).await;

    assert_eq!((answer.status, answer.body["data"].as_str()), (201, Some("None None")));
}

#[tokio::test]
async fn the_authorization_field_is_the_operations_to_read_and_makes_nobody_known() {
    let answer = ask(&generous(), "grant_type=a&scope=x", &[("authorization", "Basic abc")]).await;

    assert_eq!(answer.body["data"], r#"Some("x") Some("Basic abc")"#);
}

#[tokio::test]
async fn every_refusal_is_told_in_the_words_of_oauth() {
    let desk = generous();
    let long = format!("grant_type={}", "a".repeat(2000));
    for (form, headers, status, code) in [
        ("grant_type=bad", &[][..], 400, "invalid_grant"),
        ("grant_type=who", &[], 401, "invalid_client"),
        ("grant_type=late", &[], 503, "temporarily_unavailable"),
        ("scope=a", &[], 400, "invalid_request"),
        ("grant_type=a&grant_type=b", &[], 400, "invalid_request"),
        ("grant_type=a", &[("content-type", "application/json")], 415, "invalid_request"),
        (long.as_str(), &[], 413, "invalid_request"),
    ] {
        let answer = ask(&desk, form, headers).await;
        assert_eq!((answer.status, answer.body["error"].as_str()), (status, Some(code)), "{form}");
        assert_eq!(answer.body.as_object().unwrap().len(), 2, "{}", answer.body);
        let scheme = if status == 401 { "Basic" } else { "" };
        assert_eq!(answer.header("www-authenticate"), scheme);
    }
    let missing = ask(&desk, "scope=a", &[]).await;
    assert!(missing.body["error_description"].as_str().unwrap().ends_with("Look at: grant_type."), "{}", missing.body);
}

#[tokio::test]
async fn who_calls_too_often_is_told_in_the_words_of_oauth_too() {
    let desk = Desk::new();
    for _ in 0..5 {
        assert_eq!(ask(&desk, "grant_type=a", &[]).await.status, 201);
    }

    let answer = ask(&desk, "grant_type=a", &[]).await;

    assert_eq!((answer.status, answer.body["error"].as_str()), (429, Some("temporarily_unavailable")));
    assert_ne!(answer.header("retry-after"), "");
}

#[tokio::test]
async fn the_way_elsewhere_is_a_location_without_a_body() {
    let answer = Desk::new().get("/things/v1/elsewhere").await;

    assert_eq!((answer.status, answer.header("location")), (302, "https://app.example/?a=b"));
    assert_eq!((answer.bytes.len(), answer.header("content-type")), (0, ""));
    assert!(operation::Redirect::to("https://app.example/\r\nset-cookie: a=b").is_err());
}
