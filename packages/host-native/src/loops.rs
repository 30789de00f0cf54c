//! What goes on beside requests: events to queues, messages to consumers.

use std::sync::Arc;
use std::time::Duration;

use cloud::{Cloud, Platform, Queue, Relay, Route, Watcher};
use operation::{Delivery, Hosted};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::Services;

/// The running loops of one constellation.
pub struct Loops {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// How long a receiver waits for the first message: the longest SQS allows.
const LONG_POLL_SECONDS: i32 = 20;
/// How long a loop pauses after a fault.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a woken relay waits for more events: many at once cost little more than one.
const GATHER: Duration = Duration::from_millis(20);
/// How long a relay or a consumer lets requests go first before each batch of ten: fifty events a second under full load.
const COURTESY: Duration = Duration::from_millis(200);
/// How often the outbox is looked at when nobody wakes the relay: after a crash between a change and its waking.
const LOOK: Duration = Duration::from_secs(5);

impl Loops {
    /// Starts a relay per service and a loop per consumer. `wake` wakes the relays; `report` is told what went wrong, and
    /// `watcher` sees every event.
    pub fn start(
        platform: &Platform,
        services: &Arc<Services>,
        wake: &Arc<Notify>,
        report: Arc<dyn Fn(String) + Send + Sync>,
        watcher: &Watcher,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let routes = routes(&platform.cloud, services);
        for service in services.iter() {
            let relay = Relay::new(platform.table(service.name()), routes.clone()).watched_by(Arc::clone(watcher));
            let beside = Beside { services: Arc::clone(services), report: Arc::clone(&report) };
            tasks.spawn(until(stopped.clone(), beside.clone().relay(relay, service.name(), Arc::clone(wake))));
            for consumer in service.consumers() {
                let queue = platform.cloud.queue(consumer.queue);
                tasks.spawn(until(stopped.clone(), beside.clone().consume(Arc::clone(service), consumer.id, queue)));
            }
        }
        Self { tasks, stop }
    }

    /// Stops the loops. What they had in hand comes again at the next start.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Which events go to which queues: each consumer's events to its queue.
fn routes(cloud: &Cloud, services: &Services) -> Vec<Route> {
    let consumers = services.iter().flat_map(|service| service.consumers());
    consumers
        .flat_map(|consumer| {
            let queue = cloud.queue(consumer.queue);
            consumer.events.iter().map(move |event| Route { event: event.name.to_owned(), queue: queue.clone() })
        })
        .collect()
}

async fn until(mut stopped: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = work => {}
    }
}

/// What every loop needs.
#[derive(Clone)]
struct Beside {
    services: Arc<Services>,
    report: Arc<dyn Fn(String) + Send + Sync>,
}

impl Beside {
    async fn relay(self, relay: Relay, service: &'static str, wake: Arc<Notify>) {
        loop {
            let woken = wake.notified();
            match relay.run(|| self.services.lull(COURTESY)).await {
                Ok(_) => {
                    let _ = tokio::time::timeout(LOOK, woken).await;
                    tokio::time::sleep(GATHER).await;
                    self.services.lull(COURTESY).await;
                }
                Err(error) => {
                    (self.report)(format!("the outbox of {service} could not be emptied: {}", error.chain()));
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn consume(self, service: Arc<dyn Hosted>, consumer: &'static str, queue: Queue) {
        loop {
            let messages = match queue.receive(LONG_POLL_SECONDS).await {
                Ok(messages) => messages,
                Err(error) => {
                    (self.report)(format!("the queue of {consumer} could not be read: {}", error.chain()));
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            self.services.lull(COURTESY).await;
            let mut done = Vec::new();
            for message in messages {
                match service.deliver(consumer, message.body.as_bytes()).await {
                    Delivery::Done => done.push(message.receipt),
                    Delivery::Retry(error) => {
                        (self.report)(format!("{consumer} will try a message again: {}", error.chain()));
                    }
                    Delivery::Poison(why) => (self.report)(format!("{consumer} cannot use a message: {why}")),
                }
            }
            if done.is_empty() {
                continue;
            }
            if let Err(error) = queue.delete(&done).await {
                (self.report)(format!("messages of {consumer} will come again: {}", error.chain()));
            }
        }
    }
}
