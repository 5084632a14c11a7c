def answered_studies(on):
    return {}
