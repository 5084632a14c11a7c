def report_pages(runs):
    return {"reports.md": "# Reports"}


def copy_reports(app, error):
    pass
