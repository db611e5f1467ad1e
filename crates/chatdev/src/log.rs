//! Logs on standard error, for whoever asks for them with `CHATDEV_LOG` (such as `debug`, or `chatdev_net=trace`). Without it,
//! nothing is logged: what a person needs to know is printed.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging, if it was asked for. A second call in one process changes nothing.
pub(crate) fn start() {
    let Ok(filter) = EnvFilter::try_from_env("CHATDEV_LOG") else { return };
    let colour =
        std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour);
    // Somebody else's subscriber is as good.
    let _ = subscriber.try_init();
}
