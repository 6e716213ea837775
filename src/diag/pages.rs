//! A page on every code, compiled in: what `quell explain CODE` prints and code-scanning services show.

/// A page on one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The code's id, such as `M001`.
    pub id: &'static str,
    /// The page, in Markdown. Its first line is `# CODE: meaning`.
    pub text: &'static str,
}

macro_rules! pages {
    ($($id:literal)*) => {
        &[$(Page { id: $id, text: include_str!(concat!("../../docs/codes/", $id, ".md")) }),*]
    };
}

/// Every page, in the order of codes.
pub const PAGES: &[Page] = pages! {
    "C001" "C002" "C003" "C004" "C005" "C006" "C007" "C008" "C009" "C010" "C011" "C012"
    "F001" "F002" "F003" "F004" "F005" "F006" "F007" "F008" "F009" "F010" "F011" "F012" "F013" "F014"
    "F015" "F016" "F017" "F018" "F019"
    "I001" "I002" "I003" "I004" "I005" "I006" "I007" "I008" "I009" "I010"
    "L001" "L002" "L003" "L004" "L005" "L006" "L007" "L008" "L009" "L010" "L011" "L012"
    "M001" "M002" "M003" "M004" "M006" "M007" "M008" "M009" "M010" "M011" "M012" "M013" "M014" "M015"
    "M016" "M017" "M018" "M019" "M020" "M021" "M022" "M023" "M024" "M025" "M026" "M027" "M028" "M029"
    "M030" "M031" "M032" "M033" "M034" "M035"
    "P001" "P002" "P003" "P004" "P005" "P006" "P007" "P008" "P009" "P010" "P011" "P012" "P013" "P014"
    "P015" "P016" "P017" "P018" "P019" "P020" "P021" "P030" "P031" "P032" "P033" "P034" "P035"
    "P036" "P037" "P038" "P039"
    "R001" "R002" "R003" "R004" "R005" "R006" "R007" "R008" "R009" "R010" "R011"
    "T001"
    "Y001" "Y002" "Y003" "Y004" "Y005" "Y006" "Y007" "Y008" "Y009"
    "Y010"
};

impl Page {
    /// The page on a code, whatever case it is written in.
    pub fn of(id: &str) -> Option<Self> {
        PAGES.iter().find(|page| page.id.eq_ignore_ascii_case(id)).copied()
    }

    /// A name for the page that is a URI, whatever address the pages are published at.
    pub fn uri(self) -> String {
        format!("urn:quell:code:{}", self.id)
    }
}
