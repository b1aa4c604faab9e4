"""Pages for those who keep the law: editions and their versions, drafts part by part, publication, files in and out."""
