//! Control-C: the first time, a run ends early and reports what it has; the second time, everything ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;

/// What a shell takes for "ended by SIGINT".
const INTERRUPTED: i32 = 130;

/// Whether somebody has pressed Control-C. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    set: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens from now on.
    ///
    /// # Errors
    /// The system does not let us.
    pub fn listen() -> anyhow::Result<Self> {
        let interrupt = Self::default();
        let set = Arc::clone(&interrupt.set);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let listen = async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                if set.swap(true, Ordering::Relaxed) {
                    std::process::exit(INTERRUPTED);
                }
            }
        };
        // It ends with the process.
        let thread = std::thread::Builder::new().name("interrupt".to_owned());
        thread.spawn(move || runtime.block_on(listen)).context("the system gives no thread")?;
        Ok(interrupt)
    }

    /// Whether it was pressed.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.set.load(Ordering::Relaxed)
    }
}
