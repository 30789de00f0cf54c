//! A panic in one request harms no other.
//!
//! A panic cannot be caught here: nothing unwinds on this target, the instruction that ends it traps, and the generated
//! glue takes the instance down with every request in it. So each request is a task of its own, and the panic hook leaves
//! the instance by a JavaScript exception before the trap is reached. It rings the alarm of the task that was being
//! polled; who waits for that task is told, and the task is never polled again. The instance works on for those who are
//! in it, and is made anew once nobody is. A second panic before that takes the instance down after all, because Rust
//! takes it for a panic of the hook.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;
use worker::wasm_bindgen::{JsValue, throw_str};
use worker::wasm_bindgen_futures::spawn_local;
use worker::{console_error, js_sys};

/// The task panicked; the console has its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

/// Runs `task` so that a panic in it is an answer like any other.
///
/// # Errors
///
/// The task panicked.
pub async fn shielded<T: 'static>(task: impl Future<Output = T> + 'static) -> Result<T, Panicked> {
    hook();
    let _inside = Inside::enter();
    let alarm = Arc::new(Alarm::default());
    let outcome = Rc::new(RefCell::new(None));
    spawn_local(watched(task, Arc::clone(&alarm), Rc::clone(&outcome)));
    poll_fn(|context| {
        alarm.waiting.register(context.waker());
        match outcome.take() {
            Some(value) => Poll::Ready(Ok(value)),
            None if alarm.rung.load(Ordering::Relaxed) => Poll::Ready(Err(Panicked)),
            None => Poll::Pending,
        }
    })
    .await
}

/// Polls the task under its alarm.
async fn watched<T>(task: impl Future<Output = T>, alarm: Arc<Alarm>, outcome: Rc<RefCell<Option<T>>>) {
    let mut task = pin!(task);
    let waker = Waker::from(Arc::clone(&alarm));
    let value = poll_fn(|context| {
        alarm.task.register(context.waker());
        POLLED.set(Some(Arc::clone(&alarm)));
        let polled = task.as_mut().poll(&mut Context::from_waker(&waker));
        POLLED.set(None);
        polled
    })
    .await;
    outcome.replace(Some(value));
    alarm.waiting.wake();
}

thread_local! {
    /// The alarm of the task that is being polled.
    static POLLED: Cell<Option<Arc<Alarm>>> = const { Cell::new(None) };
    /// How many tasks are waited for.
    static INSIDE: Cell<usize> = const { Cell::new(0) };
    static HOOKED: Cell<bool> = const { Cell::new(false) };
    static PANICKED: Cell<bool> = const { Cell::new(false) };
}

/// What a panic rings. It is also the task's waker: what the task left behind must not wake it again.
#[derive(Default)]
struct Alarm {
    rung: AtomicBool,
    waiting: AtomicWaker,
    task: AtomicWaker,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        if !self.rung.load(Ordering::Relaxed) {
            self.task.wake();
        }
    }
}

/// Puts our panic hook before the one that is there, once.
fn hook() {
    if HOOKED.replace(true) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let Some(alarm) = POLLED.take() else { return before(panic) };
        console_error!("{panic}");
        PANICKED.set(true);
        alarm.rung.store(true, Ordering::Relaxed);
        alarm.waiting.wake();
        throw_str("a request panicked");
    }));
}

/// Counts who is in the instance.
struct Inside;

impl Inside {
    fn enter() -> Self {
        INSIDE.set(INSIDE.get() + 1);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(INSIDE.get() - 1);
        if INSIDE.get() == 0 && PANICKED.get() {
            replace_instance();
        }
    }
}

/// Lets the glue of the `worker` crate make the instance anew before the next request.
fn replace_instance() {
    let state = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("__worker_init_state"));
    let set = state.and_then(|state| js_sys::Reflect::set(&state, &JsValue::from_str("criticalError"), &JsValue::TRUE));
    if set.is_err() {
        console_error!("the instance that panicked cannot be replaced");
    }
}
