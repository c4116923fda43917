"""Results as figures, sentences and one self-contained HTML page."""

from simcons.report.page import Section
from simcons.report.summary import summary_sentences
from simcons.report.write import About, write_report

__all__ = ["About", "Section", "summary_sentences", "write_report"]
