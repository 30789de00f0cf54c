//! `enver publish`: what is committed is what the code says, and whatever is not is noticed.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use spec::artifact;
use tempfile::TempDir;
use tokio::process::Command;

use crate::process::enver;

/// Runs `enver publish` on this folder.
async fn publish(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let folder = folder.to_str().expect("a path of text");
    let command = enver().args(["publish", "--dir", folder]).args(arguments).output().await;
    let Output { status, stdout, stderr } = command.expect("the binary starts");
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// A folder in which everything was published.
async fn published() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let published = folder.path().join("published");
    let (code, printed) = publish(&published, &[]).await;
    assert_eq!(code, Some(0), "{printed}");
    (folder, published)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[tokio::test]
async fn what_is_committed_is_what_the_code_says() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/published");

    let (code, printed) = publish(&committed, &["--check"]).await;

    assert_eq!(code, Some(0), "{printed}");
}

#[tokio::test]
async fn the_same_code_gives_the_same_bytes_and_writes_nothing_twice() {
    let (_folder, published) = published().await;
    let file = published.join("main/booking/openapi.json");
    let (bytes, written) = (std::fs::read(&file).unwrap(), std::fs::metadata(&file).unwrap().modified().unwrap());

    let (code, printed) = publish(&published, &[]).await;

    assert_eq!(code, Some(0));
    assert!(printed.ends_with(" 0 of them changed.\n"), "{printed}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), written);
}

#[tokio::test]
async fn the_check_names_each_file_that_is_not_as_the_code_says_and_the_mend() {
    let (_folder, published) = published().await;
    let at = |name: &str| published.join(name);
    std::fs::remove_file(at("mock/auth/asyncapi.json")).unwrap();
    let edited = std::fs::read_to_string(at("dev/booking/openapi.json")).unwrap();
    std::fs::write(at("dev/booking/openapi.json"), edited.replace("Books a truck", "Books two trucks")).unwrap();
    // What another version of the code has written.
    std::fs::copy(at("dev/config/bundle.json"), at("dev/auth/bundle.json")).unwrap();
    std::fs::create_dir(at("main/gone")).unwrap();
    std::fs::copy(at("main/config/bundle.json"), at("main/gone/bundle.json")).unwrap();

    let (code, printed) = publish(&published, &["--check"]).await;

    assert_eq!(code, Some(1));
    for line in [
        "mock/auth/asyncapi.json is missing",
        "dev/booking/openapi.json was edited by hand",
        "dev/auth/bundle.json is stale",
        "main/gone/bundle.json is left over",
        "4 of 37 files",
        "`enver publish`",
    ] {
        assert!(printed.contains(line), "no {line:?} in {printed}");
    }
    assert_eq!(publish(&published, &[]).await.0, Some(0));
    assert_eq!(publish(&published, &["--check"]).await.0, Some(0));
    assert!(!at("main/gone/bundle.json").exists());
}

#[tokio::test]
async fn one_enver_can_be_published_without_the_others() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(publish(folder.path(), &["--enver", "dev"]).await.0, Some(0));
    assert_eq!(publish(folder.path(), &["--enver", "mock"]).await.0, Some(0));

    assert!(!folder.path().join("main").exists());
    let manifest = json(&folder.path().join("manifest.json"));
    let envers: Vec<_> = manifest["envers"].as_object().unwrap().keys().collect();
    assert_eq!(envers, ["dev", "mock"]);
    assert_eq!(publish(folder.path(), &["--enver", "dev", "--check"]).await.0, Some(0));
    assert_eq!(publish(folder.path(), &["--check"]).await.0, Some(1));
    std::fs::write(folder.path().join("manifest.json"), "{").unwrap();
    let (code, printed) = publish(folder.path(), &["--enver", "dev"]).await;
    assert_eq!(code, Some(2));
    assert!(printed.contains("manifest.json") && printed.contains("restore it"), "{printed}");
}

#[tokio::test]
async fn the_manifest_says_what_infrastructure_code_needs() {
    let (_folder, published) = published().await;
    let manifest = json(&published.join("manifest.json"));
    let booking = &manifest["envers"]["main"]["services"]["booking"];

    let operations = booking["operations"].as_array().unwrap();
    let create = operations.iter().find(|operation| operation["id"] == "createBooking").unwrap();
    assert_eq!((&create["method"], &create["path"]), (&"POST".into(), &"/booking/v1/bookings".into()));
    assert_eq!(create["handler"], "booking::create_booking");
    assert_eq!(create["policy"]["rule"], "role");
    assert_eq!(create["rateLimit"], "api");
    assert_eq!(create["bodyLimitBytes"], 65536);
    assert_eq!(create["emits"], serde_json::json!(["booking.created"]));
    let touches = create["touches"].as_array().unwrap();
    assert!(touches.contains(&serde_json::json!({ "resource": "table", "name": "booking", "access": "write" })));
    let queues: Vec<_> = booking["consumers"].as_array().unwrap().iter().map(|c| &c["queueName"]).collect();
    assert!(queues.contains(&&Value::from("enver-main-booking-events")), "{queues:?}");
    let openapi = json(&published.join("main/booking/openapi.json"));
    assert_eq!(booking["artifacts"]["openapi"]["digest"], openapi["x-odmd"]["digest"]);
    assert_eq!(booking["artifacts"]["openapi"]["file"], "main/booking/openapi.json");
}

#[tokio::test]
async fn flows_that_read_mails_and_those_of_main_are_not_deployed() {
    let folder = tempfile::tempdir().unwrap();
    let machine = |path: &str| {
        let endpoint = format!("States.Format('{{}}{path}', $.baseUrl)");
        serde_json::json!({ "States": { "01": { "Parameters": { "ApiEndpoint.$": endpoint } } } }).to_string()
    };
    std::fs::create_dir_all(folder.path().join("bdd/state-machines")).unwrap();
    std::fs::create_dir(folder.path().join("contracts")).unwrap();
    for (flow, path) in [("books", "/booking/v1/bookings"), ("invites", "/_messages")] {
        std::fs::write(folder.path().join(format!("bdd/state-machines/{flow}.asl.json")), machine(path)).unwrap();
    }
    let build = serde_json::json!({ "digest": "ab".repeat(32), "architecture": "arm64" });
    let recorded = serde_json::json!({ "dev": { "values": build }, "main": { "values": build } });
    std::fs::write(folder.path().join("contracts/deployments.json"), recorded.to_string()).unwrap();
    let published = folder.path().join("contracts/published");

    let (code, printed) = publish(&published, &[]).await;

    assert_eq!(code, Some(0), "{printed}");
    let envers = &json(&published.join("manifest.json"))["envers"];
    let ids = |flows: &Value| flows.as_array().unwrap().iter().map(|flow| flow["id"].clone()).collect::<Vec<_>>();
    let dev = &envers["dev"];
    assert_eq!((ids(&dev["flows"]), ids(&dev["flowsLeftOut"])), (vec!["books".into()], vec!["invites".into()]));
    assert!(dev["flowsLeftOut"][0]["why"].as_str().is_some_and(|why| why.contains("/_messages")));
    assert_eq!((&envers["mock"]["values"], &dev["values"]), (&Value::Null, &build));
    let main = &envers["main"];
    assert_eq!(
        (&main["flows"], &main["flowsLeftOut"], &main["values"]),
        (&Value::Array(vec![]), &Value::Array(vec![]), &Value::Null)
    );
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();

    let (code, printed) = publish(&folder.path().join("contracts/published"), &[]).await;

    assert_eq!(code, Some(2));
    assert!(printed.contains("contracts") && printed.contains("--dir"), "{printed}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn only_what_is_committed_is_uploaded() {
    let (folder, published) = published().await;
    let arguments = ["--enver", "dev", "--upload", "artifacts", "--account", "111122223333"];
    let git = async |arguments: &[&str]| {
        let name = ["-c", "user.name=T", "-c", "user.email=t@example.com"];
        let done = Command::new("git").args(name).args(arguments).current_dir(folder.path()).output().await.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "--quiet"]).await;

    let (code, printed) = publish(&published, &arguments).await;
    assert_eq!(code, Some(2));
    assert!(printed.contains("is not committed"), "{printed}");

    git(&["add", "-A"]).await;
    git(&["commit", "--quiet", "-m", "Published"]).await;
    let (code, printed) = publish(&published, &arguments).await;
    assert_eq!(code, Some(2));
    assert!(printed.contains("AWS_REGION is not set"), "{printed}");

    std::fs::remove_file(published.join("dev/booking/bundle.json")).unwrap();
    let (code, printed) = publish(&published, &arguments).await;
    assert_eq!(code, Some(1), "{printed}");
}

/// What `main` promised before, as it was published then.
fn promised_before(published: &Path, change: impl FnOnce(&mut Value)) -> PathBuf {
    let path = published.join("main/booking/openapi.json");
    let mut document = json(&path);
    document.as_object_mut().unwrap().remove("x-odmd");
    change(&mut document);
    let document = artifact::stamped(document, artifact::Kind::OpenApi);
    std::fs::write(&path, spec::json::text(&document)).unwrap();
    path
}

#[tokio::test]
async fn main_does_not_take_a_change_that_breaks_its_callers() {
    let (_folder, published) = published().await;
    let path = promised_before(&published, |document| {
        document["components"]["schemas"]["Freight"]["properties"]["tonnes"]["maximum"] = 1e9.into();
        document["paths"]["/booking/v1/trucks"] = document["paths"]["/booking/v1/vehicles"].clone();
    });
    let before = std::fs::read(&path).unwrap();

    let (code, printed) = publish(&published, &["--enver", "main"]).await;

    assert_eq!(code, Some(1), "{printed}");
    for words in ["main/booking/openapi.json breaks: ", "/booking/v1/trucks", "for example {", "next version", "sunset"]
    {
        assert!(printed.contains(words), "no {words:?} in {printed}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let (code, printed) = publish(&published, &["--enver", "dev", "--enver", "mock"]).await;
    assert_eq!(code, Some(0), "only main is blessed: {printed}");
}

#[tokio::test]
async fn main_takes_what_is_new_and_lets_go_what_is_past_its_sunset() {
    let (_folder, published) = published().await;
    let trucks = |sunset: &'static str| {
        move |document: &mut Value| {
            let paths = document["paths"].as_object_mut().unwrap();
            paths.remove("/booking/v1/quotes");
            let mut gone = paths["/booking/v1/bookings/{bookingId}/history"].clone();
            gone["get"]["deprecated"] = true.into();
            gone["get"]["x-sunset"] = sunset.into();
            gone["get"]["operationId"] = "getTruckHistory".into();
            paths.insert("/booking/v1/trucks/{bookingId}/history".to_owned(), gone);
        }
    };
    promised_before(&published, trucks("2999-12-31"));
    let (code, printed) = publish(&published, &["--enver", "main"]).await;
    assert_eq!(code, Some(1), "{printed}");

    promised_before(&published, trucks("2020-12-31"));
    let (code, printed) = publish(&published, &["--enver", "main"]).await;
    assert_eq!(code, Some(0), "{printed}");
}

#[tokio::test]
async fn what_was_edited_by_hand_is_no_measure_of_what_main_promised() {
    let (_folder, published) = published().await;
    let path = published.join("main/booking/openapi.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("/booking/v1/quotes", "/booking/v1/offers")).unwrap();

    let (code, printed) = publish(&published, &["--enver", "main"]).await;

    assert_eq!(code, Some(1));
    assert!(printed.contains("edited by hand") && printed.contains("git checkout -- "), "{printed}");
}
