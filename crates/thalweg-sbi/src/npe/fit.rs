//! The training of a posterior.

use thalweg_models::ModelConfig;

use super::description::{Description, Networks};
use super::{Npe, Posterior};
use crate::coordinates::Coordinates;
use crate::estimator::Embedding;
use crate::familiarity::DataDensity;
use crate::features::Features;
use crate::training::{Rows, architectures, enough, train};
use crate::{SbiError, Simulations};

/// What shortens the data where nothing else is chosen: deep enough to find the sufficient statistics of a few draws.
fn default_embedding() -> Embedding {
    Embedding::Mlp {
        hidden: vec![128, 128, 128],
        outputs: 48,
    }
}

pub(super) fn fit(npe: &Npe, simulations: &Simulations) -> Result<Posterior, SbiError> {
    let settings = &npe.settings;
    let coordinates = Coordinates::quantiles(npe.prior.supports());
    SbiError::equal(
        "parameters of the simulations",
        simulations.dims(),
        "of the prior",
        coordinates.dims(),
    )?;
    enough(simulations)?;
    let (count, width) = (simulations.len(), simulations.width());
    let embedding = settings.embedding.clone().unwrap_or_else(default_embedding);
    let sizes = [coordinates.dims(), width];
    let members = architectures(Description::KIND, settings, &embedding, count, sizes)?;
    let features = Features::fit(simulations.all_x(), width, embedding.period(width));
    let (mut u, mut z, mut log_slopes) = (vec![], vec![], vec![]);
    for row in 0..count {
        let (line, log_slope) = coordinates.of_simulation(simulations, row)?;
        u.extend(line);
        log_slopes.push(log_slope);
        z.extend(features.of(simulations.x(row)));
    }
    let (rows, residual) = Rows::new(&u, z, log_slopes, embedding.sees_places());
    let ensemble = train(settings, &members, &rows)?;
    let (data, network) = DataDensity::fit(settings, &features, simulations)?.unzip();
    let description = Description {
        coordinates,
        members,
        summary: ensemble.summary(simulations, &features),
        features,
        residual,
        data,
        observation: None,
    };
    let networks = Networks {
        members: ensemble.members,
        data: network,
    };
    Ok(Posterior::new(description, networks, &settings.device))
}
