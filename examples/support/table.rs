//! Rows of measurements, and their densities as they are published.

use std::error::Error;

use thalweg::data::{Columns, NumericTable, Parts, RowSplit, nyc_weather};
use thalweg::flow::{FlowError, Standardize};
use thalweg::models::held_out::{Estimate, RoundingNoise, full_gaussian};
use thalweg::prelude::{Bijection, Noise, Tensor};

use crate::Example;

/// A table in three parts, with noise over the rounding of its columns.
#[derive(Debug)]
pub struct Measurements {
    /// As rounded: a loss adds [fresh noise](Self::noisy) at each step.
    pub train: Tensor<2>,
    /// As rounded.
    pub validation: Tensor<2>,
    /// With noise, the same for each model.
    pub test: Tensor<2>,
    /// The training rows with noise.
    filled: Tensor<2>,
    rounding: RoundingNoise,
    /// What standardizing adds to the log-density of each row.
    unit: f64,
}

impl Measurements {
    /// The table of `--data`, or the embedded weather. Rows whose number ends in 8 validate, in 9 test.
    pub fn open(example: &Example<'_>) -> Result<Self, Box<dyn Error>> {
        let table = match example.data() {
            None => nyc_weather(),
            Some(file) => NumericTable::from_csv(file, &Columns::all())?,
        };
        let rounded = vec![0.0; table.columns()];
        let widths = table.widths().map_or(rounded, <[f64]>::to_vec);
        let rounding = RoundingNoise::new(&widths, &example.device);
        let parts = RowSplit::modulo(table.rows()).parts(|rows| table.select(rows));
        let Parts {
            train,
            validation,
            test,
        } = parts.try_map(|part| part.to_tensor(&example.device))?;

        // Published figures are densities of standardized rows. Standardizing adds the same number to each.
        let filled = rounding.apply(train.clone(), &mut example.noise(0));
        let standardize = Standardize::fit(&filled)?.layer;
        let (_, unit) = standardize.forward(filled.clone().narrow(0, 0, 1), &());
        Ok(Self {
            test: rounding.apply(test, &mut example.noise(1)),
            unit: unit.into_scalar(),
            train,
            validation,
            filled,
            rounding,
        })
    }

    /// The number of columns.
    pub fn features(&self) -> usize {
        self.train.dims()[1]
    }

    /// Rows with noise over their rounding.
    pub fn noisy(&self, rows: Tensor<2>, noise: &mut Noise) -> Tensor<2> {
        self.rounding.apply(rows, noise)
    }

    /// Nats of one row, in units of the deviations of the columns.
    pub fn standardized(&self, nats: f64) -> f64 {
        nats - self.unit
    }

    /// The mean of nats of each row, standardized.
    pub fn estimate(&self, nats: Vec<f64>) -> Estimate {
        let nats = nats.into_iter().map(|nats| self.standardized(nats));
        Estimate::of(&nats.collect::<Vec<_>>())
    }

    /// The test rows under a normal density with all covariances: what a model has to beat.
    pub fn gaussian(&self) -> Result<Estimate, FlowError> {
        let gaussian = full_gaussian(&self.filled)?;
        Ok(self.estimate(gaussian.log_probs(&self.test, 2048)?))
    }

    /// Prints the means of several models beside each other, by the nats of each test row, with what each has
    /// less than the first. On the same rows a difference is known better than a mean.
    pub fn compare(
        &self,
        example: &Example<'_>,
        models: &[(String, Vec<f64>)],
    ) -> Result<(), FlowError> {
        println!("held-out nats a row, standardized, and how much less than the first:");
        for (name, nats) in models {
            let (mean, less) = (self.estimate(nats.clone()), paired(&models[0].1, nats));
            println!("{name:>14} {mean:.3}, {less:.3}");
            example.set(name, mean.mean);
        }
        if let Some((_, first)) = models.first() {
            example.set("nats", self.estimate(first.clone()).mean);
        }
        println!("{:>14} {:.3}", "full Gaussian", self.gaussian()?);
        Ok(())
    }
}

/// The mean of `first − second` over pairs.
pub fn paired(first: &[f64], second: &[f64]) -> Estimate {
    let differences = first.iter().zip(second).map(|(a, b)| a - b);
    Estimate::of(&differences.collect::<Vec<_>>())
}
