def table_pages(runs, docs):
    return {"tables/index.md": "# Tables"}
