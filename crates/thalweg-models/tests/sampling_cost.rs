//! The table of costs in the documentation is that of the configurations.

use thalweg_models::{
    ConditionalGlowConfig, ConditionalVaeConfig, CouplingFlowConfig, FvaeConfig, GlowConfig,
    ImageSize, ModelConfig, NiceConfig, RealNvpConfig, SamplingCost, VaeConfig, VibConfig,
};

/// The features of the vector flows here; the table calls them D.
const FEATURES: usize = 43;

/// Each model in the words of the table.
fn costs() -> Vec<(&'static str, SamplingCost)> {
    let size = ImageSize::new([1, 8, 8]);
    let (glow, vae) = (GlowConfig::openai(size), VaeConfig::bernoulli(size, 2));
    vec![
        ("[`Nice`]", NiceConfig::paper(FEATURES, 17).sampling_cost()),
        (
            "[`CouplingFlow`]",
            CouplingFlowConfig::nsf(FEATURES).sampling_cost(),
        ),
        ("[`Glow`]", glow.sampling_cost()),
        (
            "[`ConditionalGlow`]",
            ConditionalGlowConfig::new(glow, 3).sampling_cost(),
        ),
        ("[`RealNvp`]", RealNvpConfig::paper(size).sampling_cost()),
        ("[`Vae`]", vae.sampling_cost()),
        (
            "[`ConditionalVae`]",
            ConditionalVaeConfig::new(vae, 3).sampling_cost(),
        ),
        ("[`Fvae`]", FvaeConfig::fvae_small(size).sampling_cost()),
        ("[`Vib`]", VibConfig::new(4, 3).sampling_cost()),
    ]
}

/// The rows of the table: a model, or several with commas between, the density, the sample.
fn table() -> Vec<(String, String, String)> {
    let docs = include_str!("../src/sampling_cost.md");
    let rows = docs.lines().filter(|line| line.starts_with("| ["));
    let rows = rows.flat_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [models, density, sample] = cells[..] else {
            panic!("a row of three cells: {line}");
        };
        let models = models.split(", ");
        let row = |model: &str| (model.to_owned(), density.to_owned(), sample.to_owned());
        models.map(row).collect::<Vec<_>>()
    });
    rows.collect()
}

#[test]
fn the_table_is_that_of_the_configurations() {
    let (table, costs) = (table(), costs());
    assert_eq!(table.len(), costs.len(), "{table:?}");
    for (model, cost) in costs {
        let row = table.iter().find(|(name, ..)| name == model);
        let (_, density, sample) = row.unwrap_or_else(|| panic!("no row of {model}"));
        let of_d = |cell: &str| cell.replace("D ", &format!("{FEATURES} "));
        assert_eq!(of_d(density), cost.density.to_string(), "{model}");
        assert_eq!(of_d(sample), cost.sample.to_string(), "{model}");
    }
}

#[test]
fn a_condition_costs_nothing_more() {
    let config = CouplingFlowConfig::nsf(3);
    let cost = config.sampling_cost();
    assert_eq!(config.with_context(2).sampling_cost(), cost);
}
