//! What was measured, as a table and as JSON.

use std::fmt;

use serde::Serialize;

use crate::spread::Spread;

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// At most so much.
    AtMost(f64),
    /// At least so much.
    AtLeast(f64),
    /// It is only stated.
    Stated,
}

/// One figure: the median of several runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name, which stays the same from version to version.
    pub name: String,
    /// What it says.
    pub what: &'static str,
    /// The median.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What it should be, at most or at least.
    pub goal: Option<f64>,
    /// The same work at the machine's own limits, in the same unit.
    pub limit: Option<f64>,
    /// `value` ÷ `limit`.
    pub ratio: Option<f64>,
    /// The ratio that is allowed besides the goal.
    #[serde(skip)]
    ratio_max: Option<f64>,
    /// Whether it is as it should be.
    pub met: Option<bool>,
    /// The least and the greatest of all runs.
    pub spread: [f64; 2],
    #[serde(skip)]
    at_least: bool,
}

impl Row {
    /// A figure of several runs.
    pub fn new(name: impl Into<String>, what: &'static str, unit: &'static str, runs: &Spread, goal: Goal) -> Self {
        let value = runs.median();
        let (goal, met, at_least) = match goal {
            Goal::AtMost(most) => (Some(most), Some(value <= most), false),
            Goal::AtLeast(least) => (Some(least), Some(value >= least), true),
            Goal::Stated => (None, None, false),
        };
        let (limit, ratio, ratio_max) = (None, None, None);
        Self { name: name.into(), what, value, unit, goal, limit, ratio, ratio_max, met, spread: runs.ends(), at_least }
    }

    /// The same, beside what the machine takes for it.
    pub fn beside(mut self, limit: f64) -> Self {
        self.limit = Some(limit);
        self.ratio = (limit > 0.0).then(|| self.value / limit);
        self
    }

    /// The same, which besides its goal may be at most `most` times the machine's limit.
    pub fn at_most_times(mut self, most: f64) -> Self {
        self.ratio_max = Some(most);
        if let (Some(met), Some(ratio)) = (&mut self.met, self.ratio) {
            *met = *met && ratio <= most;
        }
        self
    }

    fn goal_text(&self) -> String {
        let sign = if self.at_least { "≥" } else { "≤" };
        let goal = self.goal.map_or(String::new(), |goal| format!("{sign} {}", short(goal)));
        self.ratio_max.map_or(goal.clone(), |most| format!("{goal}, ≤ {most} ×"))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = match self.met {
            Some(true) => "✓",
            Some(false) => "✗",
            None => "",
        };
        let [least, most] = self.spread;
        write!(
            f,
            "| `{}` | {} | {} {} | {} to {} | {} | {} | {} | {met} |",
            self.name,
            self.what,
            short(self.value),
            self.unit,
            short(least),
            short(most),
            self.goal_text(),
            self.limit.map_or(String::new(), short),
            self.ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
        )
    }
}

/// The table's first lines (Markdown).
pub const HEAD: &str =
    "| row | what | median | spread | goal | machine | ratio | met |\n|---|---|---|---|---|---|---|---|";

/// Three digits that count, and no more.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: f64, goal: Goal) -> Row {
        Row::new("row", "what", "ms", &Spread::of(vec![value]), goal)
    }

    #[test]
    fn a_goal_is_met_on_its_own_side_only() {
        assert_eq!(row(2.0, Goal::AtMost(1.0)).met, Some(false));
        assert_eq!(row(2.0, Goal::AtLeast(1.0)).met, Some(true));
        assert_eq!(row(2.0, Goal::Stated).met, None);
    }

    #[test]
    fn a_figure_far_from_the_machines_limit_is_not_met_though_it_is_small() {
        assert_eq!(row(0.8, Goal::AtMost(1.0)).beside(0.2).at_most_times(3.0).met, Some(false));
        assert_eq!(row(0.8, Goal::AtMost(1.0)).beside(0.4).at_most_times(3.0).met, Some(true));
    }

    #[test]
    fn the_json_has_the_fields_others_read() {
        let json = serde_json::to_value(row(0.8, Goal::AtMost(1.0)).beside(0.4)).unwrap();
        assert_eq!(json["name"], "row");
        for field in ["value", "unit", "goal", "limit", "ratio", "met"] {
            assert!(!json[field].is_null(), "{field}");
        }
    }
}
