use crate::{Callback, Progress, Signal, TrainError};

use listener::Listening;

/// Ends the run at the next batch when Ctrl-C is pressed, and leaves it so that it can go on.
///
/// The outcome is [`Interrupted`](crate::Outcome::Interrupted); with
/// [`Trainer::resume`](crate::Trainer::resume) the file has been written, and the same program started
/// again goes on at the next batch. A second Ctrl-C ends the process as usual, and so does the first
/// one outside of a run. Where the process cannot listen, the run ends as
/// [`TrainError::CtrlC`].
///
/// ```
/// use thalweg_train::{CtrlC, ProgressBar, Trainer};
///
/// let trainer = Trainer::new(100, 1e-3).resume("out/run.state");
/// let callbacks = (CtrlC::new(), ProgressBar::new());
/// # let _ = (trainer, callbacks);
/// ```
#[derive(Debug, Default)]
pub struct CtrlC {
    listening: Option<Listening>,
}

impl CtrlC {
    /// Listens while a run goes.
    pub fn new() -> Self {
        Self::default()
    }

    fn answer(&self) -> Signal {
        match self.listening.as_ref().is_some_and(Listening::pressed) {
            true => Signal::interrupt(),
            false => Signal::CONTINUE,
        }
    }
}

impl<M> Callback<M> for CtrlC {
    fn on_train_begin(&mut self, _progress: &Progress, _model: &M) -> Signal {
        match Listening::begin() {
            Ok(listening) => {
                self.listening = Some(listening);
                Signal::CONTINUE
            }
            Err(error) => Signal::fail(TrainError::CtrlC(error)),
        }
    }

    // After the last batch the epoch is ended first, and after the last epoch the run is done.
    fn on_batch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        match progress.batch + 1 < progress.steps_in_epoch {
            true => self.answer(),
            false => Signal::CONTINUE,
        }
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        match progress.epoch + 1 < progress.epochs {
            true => self.answer(),
            false => Signal::CONTINUE,
        }
    }

    fn on_train_end(&mut self, _progress: &Progress, _model: &M) -> Signal {
        self.listening = None;
        Signal::CONTINUE
    }
}

/// The process's one handler, which all runs share.
mod listener {
    use std::io;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};

    use signal_hook::consts::SIGINT;
    use signal_hook::{flag, low_level};

    static HANDLER: Mutex<Option<Handler>> = Mutex::new(None);

    struct Handler {
        /// Whether the next Ctrl-C ends the process: true once it was pressed, and while no run goes.
        /// Without a handler, Ctrl-C would have no effect.
        usual: Arc<AtomicBool>,
        runs: usize,
    }

    impl Handler {
        fn install() -> io::Result<Self> {
            let usual = Arc::new(AtomicBool::new(true));
            // The order counts: the first handler must see the flag before the second sets it.
            let ends = flag::register_conditional_default(SIGINT, Arc::clone(&usual))?;
            if let Err(error) = flag::register(SIGINT, Arc::clone(&usual)) {
                low_level::unregister(ends);
                return Err(error);
            }
            Ok(Self { usual, runs: 0 })
        }
    }

    /// Of one run, until it is dropped.
    #[derive(Debug)]
    pub(super) struct Listening {
        pressed: Arc<AtomicBool>,
    }

    impl Listening {
        pub(super) fn begin() -> io::Result<Self> {
            let mut handler = HANDLER.lock().unwrap_or_else(PoisonError::into_inner);
            let handler = match &mut *handler {
                Some(handler) => handler,
                none => none.insert(Handler::install()?),
            };
            if handler.runs == 0 {
                handler.usual.store(false, Ordering::SeqCst);
            }
            handler.runs += 1;
            Ok(Self {
                pressed: Arc::clone(&handler.usual),
            })
        }

        pub(super) fn pressed(&self) -> bool {
            self.pressed.load(Ordering::SeqCst)
        }
    }

    impl Drop for Listening {
        fn drop(&mut self) {
            let mut handler = HANDLER.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(handler) = &mut *handler {
                handler.runs -= 1;
                if handler.runs == 0 {
                    handler.usual.store(true, Ordering::SeqCst);
                }
            }
        }
    }
}
