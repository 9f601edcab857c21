//! The table of costs in the documentation is that of the configurations.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use thalweg_flow::Divergence;
use thalweg_models::{
    AutoregressiveFlowConfig, CategoricalConfig, ConditionalGlowConfig, ConditionalVaeConfig,
    ContinuousFlowConfig, CouplingFlowConfig, DiagonalGlowConfig, EdgeGlowConfig, FvaeConfig,
    GlowConfig, ImageSize, ModelConfig, NiceConfig, RealNvpConfig, SamplingCost, VaeConfig,
    VibConfig,
};

/// The features of the vector flows here; the table calls them D.
const FEATURES: usize = 43;

/// As for few features, where it is the default.
fn exact(config: ContinuousFlowConfig) -> ContinuousFlowConfig {
    config.with_divergence(Divergence::Exact)
}

#[test]
fn the_divergence_of_few_features_is_exact() {
    let few = ContinuousFlowConfig::flow_matching(16);
    assert_eq!(few.sampling_cost(), exact(few).sampling_cost());
    let more = ContinuousFlowConfig::flow_matching(17);
    assert_ne!(more.sampling_cost(), exact(more).sampling_cost());
}

/// Each row of the table in its words.
fn costs() -> Vec<(&'static str, SamplingCost)> {
    let size = ImageSize::new([1, 8, 8]);
    let (glow, vae) = (GlowConfig::openai(size), VaeConfig::bernoulli(size, 2));
    let spline = "[`AutoregressiveFlow`] as [MAF](AutoregressiveFlowConfig::maf) or [spline \
                  flow](AutoregressiveFlowConfig::nsf_ar)";
    let iaf = "[`AutoregressiveFlow`] as [IAF](AutoregressiveFlowConfig::iaf)";
    let few = "[`ContinuousFlow`] of up to 16 features";
    let many = "[`ContinuousFlow`] of more features, by Hutchinson's estimate";
    let field = ContinuousFlowConfig::flow_matching(FEATURES);
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
        (
            "[`EdgeGlow`]",
            EdgeGlowConfig::new(size, false).sampling_cost(),
        ),
        (
            "[`DiagonalGlow`]",
            DiagonalGlowConfig::new(size).sampling_cost(),
        ),
        ("[`RealNvp`]", RealNvpConfig::paper(size).sampling_cost()),
        (
            spline,
            AutoregressiveFlowConfig::maf(FEATURES).sampling_cost(),
        ),
        (
            spline,
            AutoregressiveFlowConfig::nsf_ar(FEATURES).sampling_cost(),
        ),
        (iaf, AutoregressiveFlowConfig::iaf(FEATURES).sampling_cost()),
        (
            "[`Categorical`]",
            CategoricalConfig::new(vec![3; FEATURES]).sampling_cost(),
        ),
        (many, field.sampling_cost()),
        (few, exact(field).sampling_cost()),
        ("[`Vae`]", vae.sampling_cost()),
        (
            "[`ConditionalVae`]",
            ConditionalVaeConfig::new(vae, 3).sampling_cost(),
        ),
        ("[`Fvae`]", FvaeConfig::fvae_small(size).sampling_cost()),
        ("[`Vib`]", VibConfig::new(4, 3).sampling_cost()),
    ]
}

/// The rows of the table, by their models: several with commas between are a row each.
fn table() -> BTreeMap<String, [String; 2]> {
    let docs = include_str!("../../src/sampling_cost.md");
    let rows = docs.lines().filter(|line| line.starts_with("| ["));
    let rows = rows.flat_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [models, density, sample] = cells[..] else {
            panic!("a row of three cells: {line}");
        };
        // A comma in a name is followed by no link.
        let models = models.replace(", [", "\n[");
        let row = |model: &str| (model.to_owned(), [density, sample].map(str::to_owned));
        models.lines().map(row).collect::<Vec<_>>()
    });
    rows.collect()
}

#[test]
fn the_table_is_that_of_the_configurations() {
    let (table, costs) = (table(), costs());
    let names: BTreeSet<_> = costs.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(table.keys().cloned().collect::<BTreeSet<_>>(), names);
    for (model, cost) in costs {
        let of_d = |cell: &String| cell.replace("D ", &format!("{FEATURES} "));
        let expected = [cost.density, cost.sample].map(|passes| passes.to_string());
        assert_eq!(table[model].each_ref().map(of_d), expected, "{model}");
    }
}

/// A page of the book.
fn page(name: &str) -> String {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/models");
    std::fs::read_to_string(pages.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The costs on the page of each model in the book.
#[test]
fn the_book_agrees() {
    let index = page("index.md");
    let size = ImageSize::new([1, 8, 8]);
    let (glow, vae) = (GlowConfig::openai(size), VaeConfig::bernoulli(size, 2));
    for (name, cost) in [
        (
            "NiceConfig::paper",
            NiceConfig::paper(FEATURES, 17).sampling_cost(),
        ),
        (
            "NiceConfig::blog",
            NiceConfig::blog(FEATURES, 17).sampling_cost(),
        ),
        (
            "CouplingFlowConfig::realnvp",
            CouplingFlowConfig::realnvp(FEATURES).sampling_cost(),
        ),
        (
            "CouplingFlowConfig::nsf",
            CouplingFlowConfig::nsf(FEATURES).sampling_cost(),
        ),
        (
            "CouplingFlowConfig::circular",
            CouplingFlowConfig::circular(FEATURES).sampling_cost(),
        ),
        (
            "RealNvpConfig::paper",
            RealNvpConfig::paper(size).sampling_cost(),
        ),
        (
            "AutoregressiveFlowConfig::maf",
            AutoregressiveFlowConfig::maf(FEATURES).sampling_cost(),
        ),
        (
            "AutoregressiveFlowConfig::iaf",
            AutoregressiveFlowConfig::iaf(FEATURES).sampling_cost(),
        ),
        (
            "AutoregressiveFlowConfig::nsf_ar",
            AutoregressiveFlowConfig::nsf_ar(FEATURES).sampling_cost(),
        ),
        (
            "ContinuousFlowConfig::flow_matching",
            exact(ContinuousFlowConfig::flow_matching(FEATURES)).sampling_cost(),
        ),
        (
            "ContinuousFlowConfig::ffjord",
            exact(ContinuousFlowConfig::ffjord(FEATURES)).sampling_cost(),
        ),
        ("GlowConfig::openai", glow.sampling_cost()),
        ("GlowConfig::blog", GlowConfig::blog(size).sampling_cost()),
        ("VaeConfig::bernoulli", vae.sampling_cost()),
        ("VaeConfig::blog", VaeConfig::blog(size).sampling_cost()),
        (
            "FvaeConfig::fvae_small",
            FvaeConfig::fvae_small(size).sampling_cost(),
        ),
        (
            "CategoricalConfig",
            CategoricalConfig::new(vec![2; FEATURES]).sampling_cost(),
        ),
        ("VibConfig", VibConfig::new(4, 3).sampling_cost()),
    ] {
        let cells = |row: &str| -> Vec<String> {
            let cells = row.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        };
        let row = index
            .lines()
            .find(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("no row of {name}"));
        let link = cells(row)[0].clone();
        let file = link
            .split_once('(')
            .and_then(|(_, link)| link.split_once(')'));
        let page = page(file.unwrap_or_else(|| panic!("{link} is no link")).0);
        let mut lines = page
            .lines()
            .skip_while(|line| *line != "| density | sample |");
        let costs = lines
            .nth(2)
            .unwrap_or_else(|| panic!("{link} has no costs"));
        let of_d = |cell: &String| cell.replace("D ", &format!("{FEATURES} "));
        let expected = [cost.density, cost.sample].map(|passes| passes.to_string());
        assert_eq!(
            cells(costs).iter().map(of_d).collect::<Vec<_>>(),
            expected,
            "{name}"
        );
    }
}

#[test]
fn one_feature_is_one_pass_either_way() {
    for config in [
        AutoregressiveFlowConfig::maf(1),
        AutoregressiveFlowConfig::iaf(1),
    ] {
        assert_eq!(config.sampling_cost(), SamplingCost::ONE_PASS);
    }
}

#[test]
fn a_condition_costs_nothing_more() {
    let coupling = CouplingFlowConfig::nsf(3);
    let cost = coupling.sampling_cost();
    assert_eq!(coupling.with_context(2).sampling_cost(), cost);
    let iaf = AutoregressiveFlowConfig::iaf(3);
    let cost = iaf.sampling_cost();
    assert_eq!(iaf.with_context(2).sampling_cost(), cost);
    let field = ContinuousFlowConfig::ffjord(3);
    let cost = field.sampling_cost();
    assert_eq!(field.with_context(2).sampling_cost(), cost);
}
