//! `POST /auth/v1/refresh`

use serde_json::json;

use crate::office::{Office, refresh_token, user};
use crate::tokens::claims;

/// Longer than a replaced token counts as a twin's.
const LATER: i64 = 11;

#[tokio::test]
async fn a_refresh_answers_new_tokens_of_the_same_session() {
    let office = Office::with_acme().await;
    let login = office.log_in("admin@acme.example", crate::office::PASSWORD).await;
    office.world.advance(LATER);

    let answer = office.refresh(&refresh_token(&login)).await;

    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["data"]["tokenType"], "Bearer");
    let token = |answer: &testing::Answer| answer.body["data"]["accessToken"].as_str().unwrap().to_owned();
    let (before, after) = (crate::office::bearer(&token(&login)), crate::office::bearer(&token(&answer)));
    assert_ne!(refresh_token(&login), refresh_token(&answer));
    assert_eq!(office.register(&after, &user("ravi@acme.example", &["shipper"])).await.status, 201);
    let (before, after) = (claims(&before), claims(&after));
    assert_eq!((&before.sid, &before.sub, before.auth_time), (&after.sid, &after.sub, after.auth_time));
    assert_ne!(before.jti, after.jti);
    assert_eq!(after.iat, before.iat + LATER);
}

#[tokio::test]
async fn each_refresh_token_is_good_once_and_the_chain_goes_on() {
    let office = Office::with_acme().await;
    let mut token = office.refresh_token().await;

    for _ in 0..5 {
        office.world.advance(LATER);
        token = refresh_token(&office.refresh(&token).await);
    }
}

#[tokio::test]
async fn a_replayed_token_ends_the_session_for_everybody() {
    let office = Office::with_acme().await;
    let bystander = office.refresh_token().await;
    for rotations in [1, 3] {
        let first = office.refresh_token().await;
        let mut current = first.clone();
        for _ in 0..rotations {
            current = refresh_token(&office.refresh(&current).await);
        }
        office.world.advance(LATER);

        let replayed = office.refresh(&first).await;

        assert_eq!((replayed.status, replayed.code()), (401, "INVALID_REFRESH_TOKEN"));
        assert_eq!(office.refresh(&current).await.bytes, replayed.bytes, "the session is over");
    }
    assert_eq!(office.refresh(&bystander).await.status, 200, "other sessions go on");
    let audited = office.audited("acme").await;
    assert_eq!(audited.iter().filter(|entry| entry.starts_with("auth.revoke by ")).count(), 2);
}

#[tokio::test]
async fn a_token_older_than_the_one_before_is_a_replay_at_any_time() {
    let office = Office::with_acme().await;
    let first = office.refresh_token().await;
    let second = refresh_token(&office.refresh(&first).await);
    let third = refresh_token(&office.refresh(&second).await);

    assert_eq!(office.refresh(&first).await.status, 401);
    assert_eq!(office.refresh(&third).await.status, 401);
}

#[tokio::test]
async fn of_many_refreshes_with_one_token_exactly_one_wins_and_the_session_goes_on() {
    let office = Office::with_acme().await;
    let mut token = office.refresh_token().await;

    for _ in 0..10 {
        let (a, b, c, d) = tokio::join!(
            office.refresh(&token),
            office.refresh(&token),
            office.refresh(&token),
            office.refresh(&token)
        );
        let (winners, losers): (Vec<_>, Vec<_>) = [a, b, c, d].into_iter().partition(|answer| answer.status == 200);
        assert_eq!(winners.len(), 1);
        for loser in losers {
            assert_eq!((loser.status, loser.code()), (409, "ALREADY_REFRESHED"), "{}", loser.body);
        }
        token = refresh_token(&winners[0]);
    }
}

#[tokio::test]
async fn without_leeway_the_token_before_is_a_replay_at_once() {
    let office = Office::with_acme().await;
    office.world.configure("services.auth.dev.technical.sessions", "/refreshLeewaySeconds", json!(0));
    let first = office.refresh_token().await;
    let second = refresh_token(&office.refresh(&first).await);

    assert_eq!(office.refresh(&first).await.status, 401);
    assert_eq!(office.refresh(&second).await.status, 401);
}

#[tokio::test]
async fn a_token_that_was_made_up_is_refused_and_harms_no_session() {
    let office = Office::with_acme().await;
    let token = office.refresh_token().await;
    let [tenant, session, secret] = token.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let made_up = "A".repeat(43);

    for other in [
        format!("{tenant}.{session}.{made_up}"),
        format!("other.{session}.{secret}"),
        format!("{tenant}.{}.{secret}", "0".repeat(32)),
        format!("{tenant}.{session}.{secret}."),
        format!("{tenant}.{session}#.{secret}"),
        "..".to_owned(),
        "x".to_owned(),
        "é🚚".to_owned(),
    ] {
        let answer = office.refresh(&other).await;
        assert_eq!((answer.status, answer.code()), (401, "INVALID_REFRESH_TOKEN"), "{other}");
    }
    assert_eq!(office.refresh(&token).await.status, 200);
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_over_and_so_do_its_tokens() {
    let office = Office::with_acme().await;
    let mut token = office.refresh_token().await;
    // What the role of an administrator allows is shorter than what a refresh token could last.
    const SESSION: i64 = 7_200;

    office.world.advance(SESSION - 100);
    let last = office.refresh(&token).await;
    token = refresh_token(&last);
    assert_eq!(last.body["data"]["expiresIn"], 100, "no access token outlives its session");
    office.world.advance(100);

    assert_eq!(office.refresh(&token).await.code(), "INVALID_REFRESH_TOKEN");
}
