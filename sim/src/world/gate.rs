//! The gate before every task of a process: while it is shut, nothing in the process runs. What the machine's
//! kernel does (taking in what arrives, closing what is closed) goes on. That is what SIGSTOP, a long garbage
//! collection or a suspended laptop look like from outside.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

/// Open or shut, and who waits before it.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    shut: bool,
    waiting: Vec<Waker>,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the gate")
    }

    pub(crate) fn shut(&self) {
        self.state().shut = true;
    }

    /// Lets everybody through who came to it, in the order in which they came.
    pub(crate) fn open(&self) {
        let waiting = {
            let mut state = self.state();
            state.shut = false;
            std::mem::take(&mut state.waiting)
        };
        for waker in waiting {
            waker.wake();
        }
    }

    /// Whether the task of `cx` may run now; if not, it is woken when it may.
    fn pass(&self, cx: &Context<'_>) -> bool {
        let mut state = self.state();
        if state.shut && !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        !state.shut
    }
}

/// Runs `task` behind `gate`. Its panic is the result, not the end of the caller.
pub(crate) async fn behind(gate: &Gate, task: impl Future<Output = ()> + Send) -> Result<(), String> {
    let mut task = Box::pin(task);
    std::future::poll_fn(|cx| {
        if !gate.pass(cx) {
            return Poll::Pending;
        }
        poll_caught(task.as_mut(), cx)
    })
    .await
}

fn poll_caught(task: Pin<&mut impl Future<Output = ()>>, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
    match catch_unwind(AssertUnwindSafe(|| task.poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic_text(panic.as_ref()))),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic without words".to_owned())
}
