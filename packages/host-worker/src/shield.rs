//! A panic in one request harms no other.
//!
//! A panic cannot be caught here: nothing unwinds on this target, and the instruction that ends it traps. The generated
//! glue takes a trap for the end of its instance and of every request in it. So each request is polled by way of
//! JavaScript and past the glue, and there a trap is caught, be it a panic or the end of the stack. What trapped is never
//! polled again, nor dropped: locks that it held stay held. The instance therefore answers those who are in it, and who
//! comes later is answered by a fresh one (`instances.js`).

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{self, JsValue, function_table};

/// The task panicked; the console has its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

#[wasm_bindgen(module = "/src/crossing.js")]
extern "C" {
    fn call(functions: &JsValue, at: usize);
}

#[wasm_bindgen]
extern "C" {
    /// Tells the Worker's entry.
    #[wasm_bindgen(js_name = instancePanicked)]
    fn instance_panicked();
}

thread_local! {
    /// What is to be done next by [`step`], which nothing can be handed to.
    static STEP: Cell<Option<Box<dyn FnOnce()>>> = const { Cell::new(None) };
    static FUNCTIONS: JsValue = function_table();
}

extern "C" fn step() {
    if let Some(step) = STEP.take() {
        step();
    }
}

/// Does what [`STEP`] says and comes back, even from a trap. A trap leaves the pointer of the program's own stack where it
/// was, at its end if it overflowed; to return from a function that has a frame, as this one, puts it back.
#[inline(never)]
fn cross() {
    let mut frame = [0_u8; 16];
    std::hint::black_box(&mut frame);
    FUNCTIONS.with(|functions| call(functions, step as *const () as usize));
}

/// Runs `task` so that a panic in it is an answer like any other.
///
/// # Errors
///
/// The task panicked.
pub async fn shielded<T: 'static>(task: impl Future<Output = T> + 'static) -> Result<T, Panicked> {
    let kept = Rc::new(Cell::new(Kept::Waiting(Box::pin(task))));
    poll_fn(move |context| {
        let (waker, held) = (context.waker().clone(), kept.clone());
        STEP.set(Some(Box::new(move || {
            if let Kept::Waiting(mut task) = held.replace(Kept::Gone) {
                held.set(match task.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Pending => Kept::Waiting(task),
                    Poll::Ready(answer) => {
                        drop(task);
                        Kept::Answered(answer)
                    }
                });
            }
        })));
        cross();
        match kept.replace(Kept::Gone) {
            Kept::Waiting(task) => {
                kept.set(Kept::Waiting(task));
                Poll::Pending
            }
            Kept::Answered(answer) => Poll::Ready(Ok(answer)),
            Kept::Gone => {
                instance_panicked();
                Poll::Ready(Err(Panicked))
            }
        }
    })
    .await
}

/// A task between two steps. Each takes it, and brings back what became of it unless it panicked.
enum Kept<F: Future> {
    Waiting(Pin<Box<F>>),
    Answered(F::Output),
    Gone,
}
