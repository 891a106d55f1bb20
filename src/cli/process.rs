//! What the process as a whole needs: a TLS provider, a runtime, and an honest end after a panic.

use std::{
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

use super::exit::Exit;

/// Whether any thread or task of this process panicked.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// Runs `body` with a TLS provider installed; a panic anywhere ends in exit code 70.
pub(super) fn guarded(body: impl FnOnce() -> Exit) -> ExitCode {
    panic::set_hook(Box::new(|panic| {
        PANICKED.store(true, Ordering::SeqCst);
        let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
        let said = panic.payload_as_str().unwrap_or("no message");
        drop(writeln!(
            io::stderr().lock(),
            "chatproof: a defect of chatproof, not of the server: panicked{place}: {said}\n\
             Please report it with the command line and the scenario."
        ));
    }));
    // Refused only when a provider is installed already, which is as good.
    drop(tokio_rustls::rustls::crypto::ring::default_provider().install_default());
    let exit = panic::catch_unwind(AssertUnwindSafe(body)).unwrap_or(Exit::Fault);
    if PANICKED.load(Ordering::SeqCst) { Exit::Fault.into() } else { exit.into() }
}

/// Runs a command that needs sockets on a runtime of its own.
pub fn block_on(body: impl Future<Output = Exit>) -> Exit {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(body),
        Err(error) => Exit::Unreachable.because("start the runtime", &error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_in_70() {
        let before = panic::take_hook();
        let exit = guarded(|| panic!("on purpose"));
        panic::set_hook(before);
        PANICKED.store(false, Ordering::SeqCst);
        assert_eq!(format!("{exit:?}"), format!("{:?}", ExitCode::from(70)));
    }
}
