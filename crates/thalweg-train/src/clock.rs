use std::time::{Duration, Instant};

/// Tells the time since some moment.
pub(crate) struct Clock(Box<dyn Fn() -> Duration + Send + Sync>);

impl Clock {
    pub(crate) fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Box::new(now))
    }

    pub(crate) fn now(&self) -> Duration {
        (self.0)()
    }
}

/// The system's, which never goes back.
impl Default for Clock {
    fn default() -> Self {
        let start = Instant::now();
        Self::new(move || start.elapsed())
    }
}
