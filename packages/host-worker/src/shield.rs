//! A panic in one request harms no other.
//!
//! A panic cannot be caught here: nothing unwinds on this target, the instruction that ends it traps, and the generated
//! glue takes the instance down with every request in it. So the panic hook leaves the instance by a JavaScript exception
//! before the trap is reached, and each request is polled by way of JavaScript, which catches exceptions. A task that
//! panicked is never polled again, nor dropped. The instance works on for those who are in it, and is made anew once
//! nobody is. A second panic before that takes the instance down after all, because Rust takes it for a panic of the hook.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::task::Poll;

use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{self, JsValue, throw_str};
use worker::{console_error, js_sys};

/// The task panicked; the console has its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

#[wasm_bindgen]
extern "C" {
    /// Calls a function and catches what it throws.
    #[wasm_bindgen(catch, js_namespace = Reflect)]
    fn apply(function: &mut dyn FnMut(), this: &JsValue, arguments: &js_sys::Array) -> Result<JsValue, JsValue>;
}

/// Runs `task` so that a panic in it is an answer like any other.
///
/// # Errors
///
/// The task panicked.
pub async fn shielded<T>(task: impl Future<Output = T>) -> Result<T, Panicked> {
    hook();
    let _inside = Inside::enter();
    let nothing = js_sys::Array::new();
    let mut task = Some(Box::pin(task));
    poll_fn(|context| {
        let mut polled = Poll::Pending;
        let mut poll = || {
            SHIELDED.set(true);
            polled = task.as_mut().map_or(Poll::Pending, |task| task.as_mut().poll(context));
            SHIELDED.set(false);
        };
        if apply(&mut poll, &JsValue::UNDEFINED, &nothing).is_err() {
            std::mem::forget(task.take());
            return Poll::Ready(Err(Panicked));
        }
        polled.map(Ok)
    })
    .await
}

thread_local! {
    /// Whether a task is being polled that may panic.
    static SHIELDED: Cell<bool> = const { Cell::new(false) };
    /// How many tasks are waited for.
    static INSIDE: Cell<usize> = const { Cell::new(0) };
    static HOOKED: Cell<bool> = const { Cell::new(false) };
    static PANICKED: Cell<bool> = const { Cell::new(false) };
}

/// Puts our panic hook before the one that is there, once.
fn hook() {
    if HOOKED.replace(true) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !SHIELDED.replace(false) {
            return before(panic);
        }
        console_error!("{panic}");
        PANICKED.set(true);
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
