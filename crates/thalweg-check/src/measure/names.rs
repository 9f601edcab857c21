//! Names of layers.

/// A path of steps: the index of a step follows the name of its list. A layer without steps has its type as its path.
pub(super) fn joined(path: &[String], kind: &str) -> String {
    let mut text = String::new();
    for part in path {
        let index = part.parse::<usize>().is_ok();
        text += match (text.is_empty(), index) {
            (true, true) => "step ",
            (true, false) => "",
            (false, true) => " ",
            (false, false) => " / ",
        };
        text += &part.replace('.', " ");
    }
    if text.is_empty() {
        kind.to_owned()
    } else {
        text
    }
}

/// The name of a type without its modules and parameters; of an inverted layer that of the layer too.
pub(super) fn short(name: &str) -> String {
    let (outer, inner) = name.split_once('<').unwrap_or((name, ""));
    let outer = outer.rsplit("::").next().unwrap_or(outer);
    match outer {
        "Inverted" => format!("inverse {}", short(inner)),
        _ => outer.trim_end_matches('>').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{joined, short};

    #[test]
    fn paths_read_like_words() {
        let path = |parts: &[&str]| {
            let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            joined(&parts, "Coupling")
        };
        assert_eq!(path(&["steps", "3", "coupling"]), "steps 3 / coupling");
        assert_eq!(path(&["1", "0"]), "step 1 0");
        assert_eq!(
            path(&["levels.0.steps", "2", "mix"]),
            "levels 0 steps 2 / mix"
        );
        assert_eq!(path(&[]), "Coupling");
    }

    #[test]
    fn types_have_short_names() {
        assert_eq!(
            short("thalweg_flow::couplings::coupling::Coupling<a::B<c::D>, 2>"),
            "Coupling"
        );
        assert_eq!(
            short("a::Inverted<b::Autoregressive<c::Affine, d::Net>>"),
            "inverse Autoregressive"
        );
        assert_eq!(short("a::Inverted<b::Squeeze>"), "inverse Squeeze");
    }
}
