//! `/_messages` of a running enver.

use std::time::Duration;

use serde_json::json;

use crate::Running;

#[tokio::test]
async fn who_is_invited_finds_the_token_among_the_messages_and_joins_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let admin = running.token().await;
    let invitation = json!({ "email": "ravi@demo.example", "roles": ["shipper"] });
    assert_eq!(running.call("POST", "/auth/v1/invitations", &admin, Some(invitation)).await.status, 201);

    let path = "/_messages?type=invitation.created&tenantid=demo";
    let token = loop {
        let answer = running.call("GET", path, "", None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        if let Some(token) = answer.body["data"][0]["data"]["token"].as_str() {
            break token.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let acceptance = json!({ "token": token, "name": "Ravi Kumar", "password": "four axles on the road" });
    let joined = running.call("POST", "/auth/v1/invitations/acceptance", "", Some(acceptance)).await;

    assert_eq!(joined.status, 201, "{}", joined.body);
    assert_eq!(running.call("POST", "/_messages", "", None).await.status, 405);
    let others = running.call("GET", "/_messages?type=invitation.created&tenantid=other", "", None).await;
    assert_eq!(others.body, json!({ "data": [] }));
}
