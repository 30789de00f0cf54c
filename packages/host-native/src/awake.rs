//! A future that is polled again at once when it wakes itself.
//!
//! A connection and the request on it are one task, and hyper hands a body from the one to the other through a channel,
//! which wakes the task while it runs. A runtime then puts it at the end of its queue and calls an idle thread to take
//! it away, which costs as much as the rest of a small request.

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// How often it is polled before others have their turn.
const MOST: usize = 8;

/// Polls a future again while it wakes itself.
pub(crate) struct Awake<F> {
    future: Pin<Box<F>>,
    shared: Arc<Shared>,
    waker: Waker,
}

struct Shared {
    state: AtomicU8,
    /// Wakes the task.
    task: Mutex<Waker>,
}

/// Nobody polls.
const IDLE: u8 = 0;
/// It is polled.
const POLLED: u8 = 1;
/// It was woken since.
const WOKEN: u8 = 2;

impl<F: Future> Awake<F> {
    pub fn new(future: F) -> Self {
        let shared = Arc::new(Shared { state: AtomicU8::new(IDLE), task: Mutex::new(Waker::noop().clone()) });
        Self { future: Box::pin(future), waker: Waker::from(Arc::clone(&shared)), shared }
    }
}

impl<F: Future> Future for Awake<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        this.shared.task().clone_from(cx.waker());
        let mut inner = Context::from_waker(&this.waker);
        for _ in 0..MOST {
            this.shared.state.store(POLLED, Ordering::SeqCst);
            if let Poll::Ready(output) = this.future.as_mut().poll(&mut inner) {
                return Poll::Ready(output);
            }
            let slept = this.shared.state.compare_exchange(POLLED, IDLE, Ordering::SeqCst, Ordering::SeqCst);
            if slept.is_ok() {
                return Poll::Pending;
            }
        }
        this.shared.state.store(IDLE, Ordering::SeqCst);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Shared {
    fn task(&self) -> MutexGuard<'_, Waker> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let noted = self.state.compare_exchange(POLLED, WOKEN, Ordering::SeqCst, Ordering::SeqCst);
        if noted == Err(IDLE) {
            self.task().wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// How often it woke its task.
    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Wakes itself so often, then waits to be woken from outside, then ends.
    struct Restless {
        left: usize,
        outside: Arc<Mutex<Option<Waker>>>,
        last: bool,
    }

    impl Future for Restless {
        type Output = ();

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
            if self.last {
                return Poll::Ready(());
            }
            match self.left.checked_sub(1) {
                Some(left) => {
                    self.left = left;
                    cx.waker().wake_by_ref();
                }
                None => {
                    self.last = true;
                    *self.outside.lock().unwrap() = Some(cx.waker().clone());
                }
            }
            Poll::Pending
        }
    }

    fn polled(left: usize) -> (usize, usize) {
        let (task, outside) = (Arc::new(Task::default()), Arc::new(Mutex::new(None)));
        let waker = Waker::from(Arc::clone(&task));
        let mut cx = Context::from_waker(&waker);
        let mut future = Awake::new(Restless { left, outside: Arc::clone(&outside), last: false });
        let mut future = Pin::new(&mut future);
        let mut polls = 1;
        while outside.lock().unwrap().is_none() {
            assert!(future.as_mut().poll(&mut cx).is_pending());
            polls += 1;
        }
        let before = task.0.load(Ordering::SeqCst);
        outside.lock().unwrap().take().unwrap().wake();
        assert_eq!(task.0.load(Ordering::SeqCst), before + 1, "whoever wakes it from outside wakes its task");
        assert!(future.as_mut().poll(&mut cx).is_ready());
        (polls, before)
    }

    #[test]
    fn what_wakes_itself_is_polled_again_without_its_task() {
        assert_eq!(polled(MOST - 1), (2, 0));
    }

    #[test]
    fn what_wakes_itself_too_often_lets_others_have_their_turn() {
        assert_eq!(polled(MOST + 1), (3, 1));
    }

    #[tokio::test]
    async fn a_future_that_waits_for_another_thread_ends() {
        let (send, receive) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || send.send(7));
        assert_eq!(Awake::new(receive).await, Ok(7));
    }
}
