use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar as Bar, ProgressStyle};

use crate::{Callback, Progress, Signal};

/// Shows how far the run is, on the standard error stream.
///
/// A terminal gets a bar within the epoch, and a line for each epoch. A file or a pipe gets the lines
/// alone. They show losses, metrics (without those with a `/` in the name, of which there may be
/// hundreds), milliseconds a step and the time left. [Warnings](Signal::warning) of callbacks follow,
/// and at the end the reason of a run that did not succeed. Errors of the stream are ignored: they are
/// no reason to end a run.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_optim::SingleGradient;
/// # use thalweg_train::Data;
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// # let sgd = SingleGradient::new(SgdConfig::new().init());
/// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
/// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
/// use thalweg_train::{ProgressBar, Trainer};
///
/// # #[derive(Clone, Default)]
/// # struct Text(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
/// # impl std::io::Write for Text {
/// #     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
/// #         self.0.lock().unwrap().extend(bytes);
/// #         Ok(bytes.len())
/// #     }
/// #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
/// # }
/// # let text = Text::default();
/// // Lines into any writer; `ProgressBar::new()` draws a bar in a terminal.
/// let bar = ProgressBar::lines(text.clone()).label("flow").warnings(["two rows are the same"]);
/// let mut bar = bar.loss_format(|nats| format!("{:.3} bits", nats / std::f64::consts::LN_2));
/// Trainer::new(3, 0.5).fit(model, sgd, &data, loss, &mut bar).finish()?;
/// # let text = String::from_utf8(text.0.lock().unwrap().clone()).unwrap();
/// assert!(text.starts_with("warning: two rows are the same\nflow: epoch 1/3  loss 3.607 bits"));
/// # Ok::<(), thalweg_train::TrainError>(())
/// ```
pub struct ProgressBar {
    output: Output,
    /// Before each line.
    label: String,
    format: Box<dyn Fn(f64) -> String + Send>,
    /// Warnings for the begin of the run.
    notes: Vec<String>,
    /// Warnings of the run that have been printed.
    warned: usize,
}

enum Output {
    Terminal(Bar),
    Lines(Box<dyn Write + Send>),
}

impl ProgressBar {
    /// A bar on a terminal, lines elsewhere; losses as nats.
    pub fn new() -> Self {
        if io::stderr().is_terminal() {
            Self::with(Output::Terminal(Bar::hidden()))
        } else {
            Self::lines(io::stderr())
        }
    }

    /// Lines into any writer.
    pub fn lines(writer: impl Write + Send + 'static) -> Self {
        Self::with(Output::Lines(Box::new(writer)))
    }

    fn with(output: Output) -> Self {
        Self {
            output,
            label: String::new(),
            format: Box::new(|loss| format!("{loss:.4} nats")),
            notes: Vec::new(),
            warned: 0,
        }
    }

    /// Begins each line with a word, such as the name of the part that is trained.
    pub fn label(mut self, label: &str) -> Self {
        self.label = format!("{label}: ");
        self
    }

    /// Prints these warnings when a run begins, such as those of the data.
    pub fn warnings<S: ToString>(mut self, warnings: impl IntoIterator<Item = S>) -> Self {
        let warnings = warnings.into_iter();
        self.notes
            .extend(warnings.map(|warning| warning.to_string()));
        self
    }

    fn print(&mut self, line: &str) {
        match &mut self.output {
            Output::Terminal(bar) => bar.suspend(|| eprintln!("{line}")),
            Output::Lines(writer) => {
                let _ = writeln!(writer, "{line}").and_then(|()| writer.flush());
            }
        }
    }

    /// Prints the warnings since the last call.
    fn print_warnings(&mut self, progress: &Progress) {
        for warning in progress.warnings.iter().skip(self.warned) {
            self.print(&format!("warning: {warning}"));
        }
        self.warned = progress.warnings.len();
    }

    /// Shows losses by this function, which adds the unit.
    pub fn loss_format(mut self, format: impl Fn(f64) -> String + Send + 'static) -> Self {
        self.format = Box::new(format);
        self
    }

    fn line(&self, progress: &Progress) -> String {
        let mut line = format!("{}epoch {}", self.label, progress.epoch + 1);
        // A run that ends by its steps or its time has no number of epochs.
        if progress.epochs < usize::MAX {
            line += &format!("/{}", progress.epochs);
        }
        if let Some(loss) = progress.loss {
            line += &format!("  loss {}", (self.format)(loss));
        }
        if let Some(loss) = progress.validation {
            line += &format!("  validation {}", (self.format)(loss));
        }
        let metrics = progress.metrics.iter();
        for (name, value) in metrics.filter(|(name, _)| !name.contains('/')) {
            line += &format!("  {name} {value:.4}");
        }
        if let Some(time) = progress.time_per_step() {
            line += &format!("  {:.2} ms/step", time.as_secs_f64() * 1e3);
        }
        if let Some(left) = progress.time_left() {
            line += &format!("  {} left", clock(left));
        }
        line
    }
}

/// Hours, minutes and seconds; the hours only where there are any.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

impl<M> Callback<M> for ProgressBar {
    fn on_train_begin(&mut self, progress: &Progress, _model: &M) -> Signal {
        self.warned = 0;
        for note in self.notes.clone() {
            self.print(&format!("warning: {note}"));
        }
        self.print_warnings(progress);
        Signal::CONTINUE
    }

    fn on_train_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        self.print_warnings(progress);
        if let Some(ending) = progress.ending.as_ref().filter(|_| progress.failed) {
            self.print(&format!("the training did not succeed: {ending}"));
        }
        Signal::CONTINUE
    }

    fn on_batch_begin(&mut self, progress: &Progress, _model: &M) -> Signal {
        // Not at the begin of the epoch: a run that goes on may enter it later.
        if let Output::Terminal(bar) = &mut self.output
            && (bar.is_finished() || bar.length() != Some(progress.steps_in_epoch as u64))
        {
            *bar = Bar::new(progress.steps_in_epoch as u64);
            // A template that does not parse leaves the library's own style.
            if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len}  {msg}") {
                bar.set_style(style);
            }
        }
        Signal::CONTINUE
    }

    fn on_batch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        if let Output::Terminal(bar) = &self.output {
            bar.set_position(progress.batch as u64 + 1);
            bar.set_message(self.line(progress));
        }
        Signal::CONTINUE
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let line = self.line(progress);
        if let Output::Terminal(bar) = &self.output {
            bar.finish_and_clear();
        }
        self.print(&line);
        self.print_warnings(progress);
        Signal::CONTINUE
    }
}

impl Default for ProgressBar {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ProgressBar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terminal = matches!(self.output, Output::Terminal(_));
        f.debug_struct("ProgressBar")
            .field("terminal", &terminal)
            .finish_non_exhaustive()
    }
}
