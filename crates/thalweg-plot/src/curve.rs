use crate::render::picture;

mod draw;
mod line;

/// A line chart of named series on shared axes, with a legend beside it.
///
/// A point that is not finite makes a gap in its line.
///
/// ```
/// use thalweg_plot::CurveChart;
///
/// let losses = [3.4_f32, 2.9, f32::NAN, 2.7];
/// let chart = CurveChart::new("epoch", "nats per dimension")
///     .title("Losses")
///     .series("training", losses.iter().enumerate().map(|(epoch, loss)| (epoch as f64, *loss)))
///     .reference("Gaussian baseline 2.92", 2.92);
/// assert_eq!(chart.to_image()?.dimensions(), (900, 540));
/// assert!(chart.to_svg()?.contains("Losses"));
/// # let path = std::env::temp_dir().join(format!("thalweg-curve-{}.png", std::process::id()));
/// let chart = chart.size(640, 100); // at least 320 high
/// assert_eq!(chart.to_image()?.dimensions(), (640, 320));
/// chart.save(&path)?;
/// assert!(std::fs::read(&path)?.starts_with(b"\x89PNG"));
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CurveChart {
    x_label: String,
    y_label: String,
    title: String,
    size: (u32, u32),
    y_range: Option<(f64, f64)>,
    log_y: bool,
    series: Vec<Series>,
    references: Vec<Reference>,
    bands: Vec<Band>,
}

/// A grey area, its places `(x, low, high)`.
#[derive(Debug, Clone)]
struct Band {
    name: String,
    places: Vec<(f64, f64, f64)>,
}

#[derive(Debug, Clone)]
struct Series {
    name: String,
    points: Vec<(f64, f64)>,
}

#[derive(Debug, Clone)]
struct Reference {
    name: String,
    level: Level,
}

#[derive(Debug, Clone, Copy)]
enum Level {
    Flat(f64),
    Between([(f64, f64); 2]),
}

impl Reference {
    fn heights(&self) -> [f64; 2] {
        match self.level {
            Level::Flat(y) => [y; 2],
            Level::Between(ends) => ends.map(|end| end.1),
        }
    }
}

impl CurveChart {
    /// A chart of 900 × 540 pixels without series.
    pub fn new(x_label: impl Into<String>, y_label: impl Into<String>) -> Self {
        Self {
            x_label: x_label.into(),
            y_label: y_label.into(),
            title: String::new(),
            size: (900, 540),
            y_range: None,
            log_y: false,
            series: Vec::new(),
            references: Vec::new(),
            bands: Vec::new(),
        }
    }

    /// Sets the title above the chart.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// A chart for receiver operating characteristics, with the line of chance: add each as a series of points
    /// (false-alarm rate, recall).
    ///
    /// ```
    /// use thalweg_plot::CurveChart;
    ///
    /// let points = [(0.0, 0.0), (0.1, 0.8), (1.0, 1.0)];
    /// let svg = CurveChart::roc().series("flow, area 0.85", points).to_svg()?;
    /// assert!(svg.contains("false-alarm rate") && svg.contains("chance"));
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn roc() -> Self {
        Self::shares("false-alarm rate", "recall", "chance")
    }

    /// A chart for expected coverage, with the line of a calibrated model: add each as a series of points (level, coverage).
    ///
    /// ```
    /// use thalweg_plot::CurveChart;
    ///
    /// let points = [(0.0, 0.0), (0.5, 0.42), (1.0, 1.0)];
    /// let band = [(0.0, 0.0, 0.1), (0.5, 0.4, 0.6), (1.0, 0.9, 1.0)];
    /// let chart = CurveChart::coverage().band("95 % of curves", band);
    /// let svg = chart.series("posterior", points).to_svg()?;
    /// assert!(svg.contains("expected coverage") && svg.contains("95 % of curves"));
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn coverage() -> Self {
        Self::shares("level", "expected coverage", "calibrated")
    }

    /// A reliability diagram, with the line of a calibrated model: add each model as a series of points (confidence, accuracy).
    ///
    /// ```
    /// use thalweg_plot::CurveChart;
    ///
    /// let points = [(0.55, 0.41), (0.75, 0.7), (0.98, 0.95)];
    /// let svg = CurveChart::reliability().series("network", points).to_svg()?;
    /// assert!(svg.contains("confidence") && svg.contains("calibrated"));
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn reliability() -> Self {
        Self::shares("confidence", "accuracy", "calibrated")
    }

    /// Two shares, with a name of the line on which they are equal.
    fn shares(x_label: &str, y_label: &str, equal: &str) -> Self {
        let mut chart = Self::new(x_label, y_label).y_range(-0.02, 1.02);
        chart.references.push(Reference {
            name: equal.to_owned(),
            level: Level::Between([(0.0, 0.0), (1.0, 1.0)]),
        });
        chart
    }

    /// Adds a grey area behind all lines, of places `(x, low, high)` in ascending order of x. The ranges of the axes are
    /// those of series and references, which cut it. A place that is not finite is left out.
    pub fn band(
        mut self,
        name: impl Into<String>,
        places: impl IntoIterator<Item = (f64, f64, f64)>,
    ) -> Self {
        self.bands.push(Band {
            name: name.into(),
            places: places.into_iter().collect(),
        });
        self
    }

    /// Adds a line through points `(x, y)` in this order. A series with an empty name is not in the legend.
    pub fn series<X: Into<f64>, Y: Into<f64>>(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (X, Y)>,
    ) -> Self {
        let points = points
            .into_iter()
            .map(|(x, y)| (x.into(), y.into()))
            .collect();
        self.series.push(Series {
            name: name.into(),
            points,
        });
        self
    }

    /// Adds a dashed horizontal line at `y`; if `y` is not finite, its name is in the legend only.
    pub fn reference(mut self, name: impl Into<String>, y: f64) -> Self {
        self.references.push(Reference {
            name: name.into(),
            level: Level::Flat(y),
        });
        self
    }

    /// Sets the range of the y axis, which clips lines; by default it holds all points and references.
    ///
    /// ```
    /// use thalweg_plot::{CurveChart, PlotError};
    ///
    /// let chart = |high| CurveChart::new("x", "y").series("", [(0, 1.0), (1, 2.0)]).y_range(0.0, high);
    /// assert!(chart(5.0).to_image().is_ok());
    /// assert!(matches!(chart(0.0).to_image(), Err(PlotError::Range { .. })));
    /// ```
    pub fn y_range(mut self, low: f64, high: f64) -> Self {
        self.y_range = Some((low, high));
        self
    }

    /// Draws the y axis on a logarithmic scale, with ticks at powers of ten. A height of 0 or less makes a gap, as
    /// one that is not finite does.
    ///
    /// ```
    /// use thalweg_plot::CurveChart;
    ///
    /// let errors = [(1, 1e-7), (2, 3e-6), (3, 0.02)];
    /// let chart = CurveChart::new("layer", "error").series("", errors);
    /// assert_ne!(chart.clone().log_y().to_svg()?, chart.to_svg()?);
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn log_y(mut self) -> Self {
        self.log_y = true;
        self
    }

    /// The height of a value in the picture.
    fn height(&self, y: f64) -> f64 {
        match self.log_y {
            true if y > 0.0 => y.log10(),
            true => f64::NAN,
            false => y,
        }
    }

    /// Sets the width and height in pixels; at least 480 × 320.
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width.max(480), height.max(320));
        self
    }
}

picture!(
    CurveChart,
    "if no series has a finite point, a range is not finite or not in order, or the picture is too large"
);
