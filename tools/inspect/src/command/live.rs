//! `proxy`: the conversation as it happens.

use std::io::{self, Write as _};
use std::process::ExitCode;

use super::source::Told;
use super::{Reading, browse, filter, finish, form, reading};
use crate::browser;
use crate::cli;
use crate::model::Lent;
use crate::proxy::{Proxy, interrupted};

/// Serves until the person interrupts it, or leaves the browser.
pub(super) fn proxy(cli::Proxy { options, view }: cli::Proxy) -> anyhow::Result<ExitCode> {
    let name = format!("proxy to {}", options.to);
    let filter = filter(&view)?;
    if view.browse {
        browser::check_terminal()?;
    }
    let proxy = Proxy::bind(options)?;
    if view.browse {
        let (leave, left) = tokio::sync::oneshot::channel::<()>();
        let stop = async {
            let _ = left.await;
        };
        let done = browse::browse(&view, &name, true, true, |reading| serve(proxy, reading, stop));
        drop(leave);
        return done;
    }
    let output = form::output(&view, &name, None)?;
    let mut reading = reading(&view, filter, true, output)?;
    let _ = writeln!(io::stderr(), "Listening on {}, {name}; Ctrl-C ends it", proxy.address());
    let told = serve(proxy, &mut reading, interrupted());
    finish(&view, reading, told)
}

fn serve(proxy: Proxy, reading: &mut Reading, stop: impl Future<Output = ()> + Send + 'static) -> Told {
    let failure = proxy.run(Lent(reading), stop).err().map(Into::into);
    Told { failure, ..Told::default() }
}
