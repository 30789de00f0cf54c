//! Every flow of the dataset passes against the mock, and again where it ran before.

use std::sync::Arc;

use dataset::{Credentials, Dataset, Published, Run, Setting};
use operation::sign;

use crate::world::{World, root};

/// What goes wrong in a flow, a line each.
async fn faults(
    world: &World,
    dataset: &Arc<Dataset>,
    published: &Arc<Published>,
    flow: &dataset::Flow,
    run: &str,
) -> Vec<String> {
    let now = || world.constellation.now();
    let setting = Setting { run: run.to_owned(), enver: "mock".into(), platform: world.platform.clone() };
    let (mut faults, mut signatures) = (Vec::new(), 0);
    let mut run = Run::new(dataset, published, flow, setting, now());
    while let Some(next) = run.next(now()) {
        let request = match next {
            Ok(request) => request,
            Err(problem) => {
                faults.push(format!("{}: {problem}", flow.id));
                run.skip();
                continue;
            }
        };
        let mut message = request.message;
        if request.credentials == Credentials::Signature {
            // A signature is good once, and the clock stands.
            signatures += 1;
            sign(&mut message, &mock::service_secret(), "booking", now() * 1000 + signatures);
        }
        let response = world.through_front(message).await;
        let result = run.answer(response.status().as_u16(), response.headers(), response.body());
        if result.again.is_some() {
            // Nothing is late in a mock, but what comes with time needs time.
            world.constellation.advance_clock(100);
            continue;
        }
        for mismatch in &result.mismatches {
            let body = String::from_utf8_lossy(response.body());
            faults.push(format!(
                "{} {}: {mismatch:?}\n      {} {:.300}",
                flow.id,
                request.step.id,
                response.status(),
                body
            ));
        }
    }
    faults
}

#[tokio::test]
async fn every_flow_passes_and_passes_again() {
    let dataset = Dataset::load(&root().join("mock-data"))
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    let dataset = Arc::new(dataset.unwrap_or_else(|problems| panic!("{problems}")));
    let published = Arc::new(Published::load(&root().join("contracts/published/mock")).unwrap());
    let mut world = World::start();
    world.make_platform().await;

    let mut found = Vec::new();
    for run in ["a1", "a2"] {
        for (n, (_, flow)) in dataset.flows().enumerate() {
            world.constellation.forget_counts();
            found.extend(faults(&world, &dataset, &published, flow, &format!("{run}x{n}")).await);
        }
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}
