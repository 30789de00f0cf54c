//! `enver loop` as its users run it: the mock and the real services answer the same.

use std::path::Path;

use crate::Running;
use crate::process::{enver, word_after};

#[tokio::test]
async fn mock_and_dev_answer_the_same_sequences() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let mut command = enver();
    command.current_dir(&root);
    let running =
        Running::start_with(command, &["up", "--enver", "mock,dev", "--port-base", "0", "--data-dir", data]).await;
    let mock = word_after(&running.printed, "  booking   ").trim_end_matches("/booking/v1").to_owned();
    let dev = running.printed.rsplit("  booking   ").next().and_then(|rest| rest.split_whitespace().next());
    let dev = dev.unwrap().trim_end_matches("/booking/v1").to_owned();

    for service in ["config", "booking", "auth"] {
        let output = enver()
            .args(["loop", service, "--sequences", "4", "--seed", "1", "--left", &mock, "--right", &dev])
            .args(["--data-dir", data])
            .current_dir(&root)
            .output()
            .await
            .expect("the binary starts");
        let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(0), "{service}:\n{printed}");
        assert!(printed.contains("4 sequences"), "{printed}");
    }
}
