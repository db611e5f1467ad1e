//! How one task is woken by others: a flag and the task's waker. Unlike a `Notify`, it remembers no list of those who
//! wait, so that waiting anew for every message costs next to nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Wakes the one task that waits for it.
#[derive(Debug, Default)]
pub(super) struct Wake {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Somebody called since the task last heard of it.
    called: bool,
    waker: Option<Waker>,
}

impl Wake {
    /// Has the task look, now or when it next waits.
    pub(super) fn call(&self) {
        let waker = {
            let mut state = self.lock();
            state.called = true;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Ready once for all calls since it last was.
    pub(super) fn poll_called(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if std::mem::take(&mut state.called) {
            return Poll::Ready(());
        }
        if !state.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            state.waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Wake as Task;

    use super::*;

    #[derive(Default)]
    struct Counting(AtomicU32);

    impl Task for Counting {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn calls_before_and_during_the_wait_are_heard_once() {
        let (wake, task) = (Wake::default(), Arc::new(Counting::default()));
        let waker = Waker::from(Arc::clone(&task));
        let cx = Context::from_waker(&waker);
        wake.call();
        wake.call();
        assert_eq!(wake.poll_called(&cx), Poll::Ready(()), "what came before is not lost");
        assert_eq!(wake.poll_called(&cx), Poll::Pending);
        assert_eq!(wake.poll_called(&cx), Poll::Pending);
        wake.call();
        wake.call();
        assert_eq!(task.0.load(Ordering::Relaxed), 1);
        assert_eq!(wake.poll_called(&cx), Poll::Ready(()));
        assert_eq!(wake.poll_called(&cx), Poll::Pending);
    }
}
