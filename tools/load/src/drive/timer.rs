//! A timer that is as exact as the kernel's. tokio's counts in whole milliseconds, which would be most of a latency that
//! is measured from the intended time.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use tokio::io::unix::AsyncFd;

use crate::clock::Clock;

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Timer {
    clock: Clock,
    fd: AsyncFd<OwnedFd>,
}

impl Timer {
    /// A timer on the runtime at hand.
    ///
    /// # Errors
    /// The system has none to give.
    pub(super) fn new(clock: Clock) -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let fd = rustix::time::timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(
            deprecated,
            reason = "an OwnedFd is open as long as it is there; the successor needs unsafe code"
        )]
        let fd = AsyncFd::new(fd)?;
        Ok(Self { clock, fd })
    }

    /// Waits until that time of the run's clock; not at all if it is over.
    ///
    /// # Errors
    /// The system's.
    pub(super) async fn sleep_until(&self, at: Duration) -> io::Result<()> {
        let Some(wait) = at.checked_sub(self.clock.now()).filter(|wait| !wait.is_zero()) else {
            return Ok(());
        };
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let wait = Timespec {
            tv_sec: wait.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: wait.subsec_nanos().into(),
        };
        let once = Itimerspec { it_interval: zero, it_value: wait };
        rustix::time::timerfd_settime(self.fd.get_ref(), TimerfdTimerFlags::empty(), &once)?;
        loop {
            let mut ready = self.fd.readable().await?;
            let mut times = [0; 8];
            let read = ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut times)?));
            match read {
                Ok(Err(error)) if error.kind() != ErrorKind::Interrupted => return Err(error),
                Ok(Ok(_)) => return Ok(()),
                _ => {}
            }
        }
    }
}
