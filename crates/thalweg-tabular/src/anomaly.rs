//! How strange a row is.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use thalweg_data::{Place, Table};
use thalweg_metrics::Calibration;

use crate::fitted::mean;
use crate::member::Score;
use crate::{DensityError, FittedDensity, RowError};

/// How strange a row is.
///
/// ```
/// use thalweg_data::{Column, Place, Table};
/// use thalweg_tabular::{Anomaly, Density};
///
/// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
/// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
/// # let table = Table::new(columns)?;
/// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
/// # let network = network.with_layers(2).with_hidden(&[8]);
/// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
/// let model = density.fit(&table)?;
/// let rows = Table::new(vec![
///     Column::numbers("a", vec![0.1, 50.0]),
///     Column::numbers("b", vec![-0.2, -50.0]),
/// ])?;
/// let found = model.anomaly(&rows)?;
/// let [usual, strange]: [Anomaly; 2] = [0, 1].map(|row| *found[row].as_ref().unwrap());
/// assert!(strange.score > usual.score && strange.p_value < usual.p_value);
///
/// // The second row alone, at its place and at none.
/// let second = rows.select(&[1]);
/// assert_eq!(model.anomaly_at(&second, &[Place { row: 2, line: None }])?, found[1..]);
/// let anywhere = model.anomaly_anywhere(&second)?;
/// assert!(anywhere[0].as_ref().unwrap().p_value >= strange.p_value);
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anomaly {
    /// In nats: the larger, the stranger.
    ///
    /// Of a table of numbers, given nothing, it is `−½ (ln k + ln k′)` of two kernel densities of the training rows. Not
    /// `−ln p`: where a flow generalizes between training rows, it is the better density and the worse detector, as
    /// measured on the anomaly sets of docs/anomaly.md. Another value of one of `n` rows' constant column counts `3 ln (n + 2)`.
    ///
    /// Of a table with categories, angles or conditions it is `−ln p`, and a value that is impossible counts 10⁵, so that
    /// all rows can be compared.
    pub score: f64,
    /// The share of rows like the training rows that would be at least as strange.
    ///
    /// It is the smoothed conformal p-value: for rows that are exchangeable with the training rows, it is uniform on
    /// (0, 1), for any number of rows and whatever the model is. So of those rows, a share `α` has a p-value up to `α`.
    /// Ties are broken at random, by the model's seed and the number of the row in its table or file, so that a file has the
    /// same p-values in whatever parts it is read.
    ///
    /// Where each member holds out its own part of few rows, it is the mean over the members (cross-conformal), for which
    /// uniformity is approximate.
    ///
    /// V. Vovk, A. Gammerman, G. Shafer: *Algorithmic learning in a random world*, 2005, section 2.2; V. Vovk:
    /// *Cross-conformal predictors*, 2015.
    pub p_value: f64,
}

impl FittedDensity {
    /// How strange each row is.
    ///
    /// See [`Anomaly`] for an example.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob), and a density that was fitted without calibration rows.
    pub fn anomaly(&self, table: &Table) -> Result<Vec<Result<Anomaly, RowError>>, DensityError> {
        let row = |row| Place { row, line: None };
        let places: Vec<Place> = (1..=table.rows() as u64).map(row).collect();
        self.anomaly_at(table, &places)
    }

    /// How strange rows are that stand at these places of a longer table: the numbers that [`anomaly`](Self::anomaly) of the
    /// whole gives them.
    ///
    /// See [`Anomaly`] for an example.
    ///
    /// # Errors
    ///
    /// Those of [`anomaly`](Self::anomaly).
    ///
    /// # Panics
    ///
    /// Unless there is a place for each row.
    pub fn anomaly_at(
        &self,
        table: &Table,
        places: &[Place],
    ) -> Result<Vec<Result<Anomaly, RowError>>, DensityError> {
        assert_eq!(
            places.len(),
            table.rows(),
            "each row of a table has a place"
        );
        let mut ties = Ties::new(self.rng(TIES));
        self.anomaly_with(table, |row| ties.of(places[row].row))
    }

    /// How strange rows are whose places nobody knows, as a function of their values alone: all ties count as stranger than
    /// the row. Such a p-value is the largest that [`anomaly_at`](Self::anomaly_at) could give at any place, above it by less than
    /// one row's share and that of the ties. Of rows like the training rows, a share `α` at most has one up to `α`.
    ///
    /// See [`Anomaly`] for an example.
    ///
    /// # Errors
    ///
    /// Those of [`anomaly`](Self::anomaly).
    pub fn anomaly_anywhere(
        &self,
        table: &Table,
    ) -> Result<Vec<Result<Anomaly, RowError>>, DensityError> {
        self.anomaly_with(table, |_| 1.0)
    }

    /// With the random number of each row, which breaks its ties.
    fn anomaly_with(
        &self,
        table: &Table,
        mut tie: impl FnMut(usize) -> f64,
    ) -> Result<Vec<Result<Anomaly, RowError>>, DensityError> {
        let columns = self.description.schema.find(table, true)?;
        let calibrations = self.calibrations()?;
        let rows: Vec<usize> = (0..table.rows()).collect();
        let scores = self.detections(&columns, &rows);
        let row = |(scores, row): (Result<Vec<Score>, RowError>, usize)| {
            let scores = scores?;
            let u = tie(row);
            let score = strangeness(&scores);
            let p_value = match calibrations.len() {
                1 => p_value(&calibrations, &[score], u),
                _ => {
                    let each: Vec<f64> = scores.iter().map(|one| strangeness(&[*one])).collect();
                    p_value(&calibrations, &each, u)
                }
            };
            Ok(Anomaly { score, p_value })
        };
        Ok(scores.into_iter().zip(rows).map(row).collect())
    }

    /// The [score](Anomaly::score) above which rows like the training rows lie with this probability at most.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::Density;
    ///
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let model = density.fit(&table)?;
    /// // One false alarm in five, and one in ten.
    /// assert!(model.threshold(0.2)? <= model.threshold(0.1)?);
    /// assert!(model.threshold(1e-9).is_err()); // takes a billion calibration rows
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rate outside (0, 1), one that the calibration rows are too few for, and a density that was fitted without
    /// calibration rows.
    pub fn threshold(&self, false_alarm_rate: f64) -> Result<f64, DensityError> {
        self.calibrations()?;
        let rows = self.description.calibration.concat();
        let [scores, weights] = [0, 1].map(|k| rows.iter().map(|row| row[k]).collect::<Vec<_>>());
        let calibration = Calibration::weighted(&scores, &weights)?;
        Ok(calibration.threshold(false_alarm_rate)?)
    }

    /// The calibration of each member, or one for all of them.
    fn calibrations(&self) -> Result<Vec<Calibration>, DensityError> {
        let rows = self
            .description
            .calibration
            .iter()
            .filter(|rows| !rows.is_empty());
        let of = |rows: &Vec<[f64; 2]>| {
            let [scores, weights] =
                [0, 1].map(|k| rows.iter().map(|row| row[k]).collect::<Vec<_>>());
            Calibration::weighted(&scores, &weights)
        };
        let found: Vec<Calibration> = rows.map(of).collect::<Result<_, _>>()?;
        match found.is_empty() {
            true => Err(DensityError::NotCalibrated),
            false => Ok(found),
        }
    }
}

/// A score as it is written, to nine digits: scores are sums of numbers of 32 bits.
///
/// ```
/// assert_eq!(thalweg_tabular::rounded(-1.234_567_891_2), -1.234_567_89);
/// ```
pub fn rounded(score: f64) -> f64 {
    format!("{score:.8e}").parse().unwrap_or(score)
}

/// How strange a row is to these members.
pub(crate) fn strangeness(scores: &[Score]) -> f64 {
    -mean(scores, Score::comparable)
}

/// The stream of random numbers that break ties.
const TIES: u64 = 0x7469_6573;

/// A random number in [0, 1) for each row of a table, whichever rows it is asked for.
struct Ties {
    rng: ChaCha8Rng,
    /// The row whose number comes next from the generator.
    next: u64,
}

impl Ties {
    fn new(rng: ChaCha8Rng) -> Self {
        Self { rng, next: 1 }
    }

    /// That of a row, counted from 1.
    fn of(&mut self, row: u64) -> f64 {
        if row != self.next {
            // A number takes two words of 32 bits.
            self.rng.set_word_pos(2 * u128::from(row.wrapping_sub(1)));
        }
        self.next = row.wrapping_add(1);
        self.rng.random()
    }
}

/// The p-value of a row by several calibrations: the new row counts once in all of them together.
fn p_value(calibrations: &[Calibration], surprises: &[f64], u: f64) -> f64 {
    let (mut above, mut rows) = (u, 1.0);
    for (calibration, surprise) in calibrations.iter().zip(surprises) {
        let n = calibration.rows() as f64;
        let p = calibration
            .smoothed_p_values(&[*surprise], &[u])
            .map_or(f64::NAN, |p| p[0]);
        above += (n + 1.0) * p - u;
        rows += n;
    }
    above / rows
}
